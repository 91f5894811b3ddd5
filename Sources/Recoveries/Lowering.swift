public import AWSClient
public import Platform
public import RecoveryPlan
public import RunEngine
public import RunJournal

/// Compiles a plan to the steps of one run. Pure: the same run compiles to the same steps, also
/// after a crash; nothing is called.
public struct Lowering: Sendable {
  let plan: RecoveryPlan
  let mode: RunMode
  let run: ULID
  let pointInTime: Timestamp?
  let client: AWSClient
  let environment: [String: String]

  /// Prepares the compilation.
  ///
  /// - Parameters:
  ///   - pointInTime: the moment to restore to, when the operator asks for one.
  ///   - environment: where secrets that the plan refers to by variable are looked up, when a step
  ///     needs them.
  public init(
    plan: RecoveryPlan, mode: RunMode, run: ULID, pointInTime: Timestamp?, client: AWSClient,
    environment: [String: String]
  ) {
    self.plan = plan
    self.mode = mode
    self.run = run
    self.pointInTime = pointInTime
    self.client = client
    self.environment = environment
  }

  /// The steps, in no particular order.
  public func nodes() -> [StepNode] {
    var nodes: [StepNode] = []
    if approvals > 0 {
      nodes.append(
        StepNode(
          "approval", AwaitApproval(needed: approvals), component: nil, dependsOn: [],
          policy: StepPolicy(timeout: .seconds(30 * 86_400), waitsForPerson: true)))
    }
    var ends: [String: [String]] = [:]
    for component in inOrder() {
      let needed = component.dependsOn.flatMap { ends[$0] ?? [] }
      let made = self.nodes(of: component, after: needed)
      // What depends on a component waits for its checks, not for its removal.
      ends[component.name] = made.filter { $0.phase != .cleanup }.map(\.id)
      nodes += made
    }
    return nodes.map { removalWaitsForUsers($0, among: nodes) }
  }

  var approvalStep: [String] { approvals > 0 ? ["approval"] : [] }

  private var approvals: Int {
    mode == .restore ? plan.restoreApprovals : plan.drillApprovals
  }

  private func nodes(of component: Component, after needed: [String]) -> [StepNode] {
    switch component.spec {
    case let spec as RDSComponent:
      RDSLowering(component: component, spec: spec, lowering: self).nodes(after: needed)
    default: []
    }
  }

  /// Components after what they depend on; the plan's validation has refused cycles.
  private func inOrder() -> [Component] {
    var placed: [Component] = []
    var rest = plan.components
    while !rest.isEmpty {
      let ready = rest.filter { component in
        component.dependsOn.allSatisfy { needed in placed.contains { $0.name == needed } }
      }
      guard !ready.isEmpty else { break }
      placed += ready
      rest.removeAll { component in ready.contains { $0.name == component.name } }
    }
    return placed
  }

  /// A copy is removed only when nothing that was built on it is still at work.
  private func removalWaitsForUsers(_ node: StepNode, among nodes: [StepNode]) -> StepNode {
    guard node.runsAlways, let own = node.component else { return node }
    var users: Set<String> = [own]
    for component in inOrder() where component.dependsOn.contains(where: users.contains) {
      users.insert(component.name)
    }
    let behind = nodes.filter { other in
      other.component.map { $0 != own && users.contains($0) } ?? false
    }
    return node.waiting(for: behind.map(\.id))
  }
}
