import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Turns an `eks` component into steps.
struct EKSLowering {
  /// The names of its steps.
  static let steps: Set<String> = ["cluster", "node-groups", "add-ons"]

  let component: Component
  let spec: EKSComponent
  let lowering: Lowering

  func nodes(after needed: [String]) -> [StepNode] {
    let aws = AWSAccess(
      client: lowering.client, region: spec.region ?? lowering.plan.recoveryRegion)
    let cluster = node(
      "cluster",
      AwaitCluster(aws: aws, cluster: spec.cluster, minimumVersion: spec.minimumVersion), needed)
    let groups = node(
      "node-groups", AwaitNodeGroups(aws: aws, cluster: spec.cluster, names: spec.nodeGroups),
      [cluster.id])
    guard !spec.addons.isEmpty else { return [cluster, groups] }
    return [
      cluster, groups,
      node(
        "add-ons", AwaitAddons(aws: aws, cluster: spec.cluster, names: spec.addons), [groups.id]),
    ]
  }

  private func node<S: ObservingStep>(_ name: String, _ step: S, _ needed: [String]) -> StepNode {
    StepNode(
      "\(component.name).\(name)", step, component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: spec.longestWait, expected: .seconds(5)))
  }
}
