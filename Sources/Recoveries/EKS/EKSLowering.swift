import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Turns an `eks` component into steps.
struct EKSLowering {
  /// The names of its steps.
  static let steps: Set<String> = ["create", "cluster", "node-groups", "add-ons", "cleanup"]

  let component: Component
  let spec: EKSComponent
  let lowering: Lowering

  func nodes(after needed: [String]) -> [StepNode] {
    let creation = creation(after: needed)
    let cluster = node(
      "cluster",
      AwaitCluster(aws: aws, cluster: spec.cluster, minimumVersion: spec.minimumVersion),
      creation.isEmpty ? needed : creation.map(\.id))
    let groups = node(
      "node-groups", AwaitNodeGroups(aws: aws, cluster: spec.cluster, names: spec.nodeGroups),
      [cluster.id])
    var nodes = creation + [cluster, groups]
    if !spec.addons.isEmpty {
      nodes.append(
        node(
          "add-ons", AwaitAddons(aws: aws, cluster: spec.cluster, names: spec.addons), [groups.id]))
    }
    return nodes + removal(after: nodes.map(\.id))
  }

  private var aws: AWSAccess {
    AWSAccess(client: lowering.client, region: spec.region ?? lowering.plan.recoveryRegion)
  }

  private var isDrill: Bool { lowering.mode == .drill }

  /// The longest that making or deleting a cluster may take.
  private var policy: StepPolicy {
    StepPolicy(timeout: spec.longestWait, expected: .seconds(900))
  }

  private func creation(after needed: [String]) -> [StepNode] {
    let needed = needed + lowering.approvalStep
    if let stack {
      return [
        StepNode(
          id("create"), stack, component: component.name, dependsOn: needed, policy: policy)
      ]
    }
    guard let eksctl = spec.creation?.eksctl, !isDrill else { return [] }
    return [
      StepNode(
        id("create"),
        RunEKSCtl(
          aws: aws, cluster: spec.cluster, config: eksctl.config,
          environment: lowering.environment),
        component: component.name, dependsOn: needed, policy: policy)
    ]
  }

  private var stack: MakeStack? {
    spec.creation?.stack.map { stack in
      MakeStack(
        aws: aws, cluster: spec.cluster,
        stack: isDrill ? "\(stack.stack)-drill-\(lowering.run.shortForm)" : stack.stack,
        spec: stack,
        runTags: RunTags(plan: lowering.plan.tags, lifetime: lowering.plan.timeout))
    }
  }

  private func removal(after steps: [String]) -> [StepNode] {
    guard isDrill, let stack else { return [] }
    return [
      StepNode(
        removing: stack, madeBy: id("create"), as: id("cleanup"), component: component.name,
        dependsOn: steps, policy: policy)
    ]
  }

  private func id(_ step: String) -> String { "\(component.name).\(step)" }

  private func node<S: ObservingStep>(_ name: String, _ step: S, _ needed: [String]) -> StepNode {
    StepNode(
      id(name), step, component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: spec.longestWait, expected: .seconds(5)))
  }
}
