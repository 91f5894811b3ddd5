public import AWSClient
public import Platform
public import RecoveryPlan
public import RunEngine
public import RunJournal
import StepGraph

/// Compiles a plan to the steps of one run. Pure: the same run compiles to the same steps, also
/// after a crash; nothing is called.
public struct Lowering: Sendable {
  let plan: RecoveryPlan
  let mode: RunMode
  let run: ULID
  let pointInTime: Timestamp?
  let client: AWSClient
  let environment: [String: String]
  let clusters: ClusterDirectory
  /// Every component of the run.
  let members: [Component]
  private let approvals: Int
  /// Where steps put what is too large for the journal, next to the run's report; nil for nowhere.
  public var attachmentsFolder: String?
  /// What a person's command needs to find the run, as ` --state /srv/dr`.
  public var stateOption = ""
  /// What earlier runs of the plan found out.
  public var earlier = EarlierOutputs.none

  /// Prepares the compilation.
  ///
  /// - Parameters:
  ///   - pointInTime: the moment to restore to, when the operator asks for one.
  ///   - environment: where secrets that the plan refers to by variable are looked up, when a step
  ///     needs them.
  ///   - clusters: the way to Kubernetes.
  public init(
    plan: RecoveryPlan, mode: RunMode, run: ULID, pointInTime: Timestamp?, client: AWSClient,
    environment: [String: String], clusters: ClusterDirectory
  ) {
    self.plan = plan
    self.mode = mode
    self.run = run
    self.pointInTime = pointInTime
    self.client = client
    self.environment = environment
    self.clusters = clusters
    members = plan.components
    // Who has to agree to a part has to agree to the whole.
    approvals =
      plan.family.map { mode == .restore ? $0.restoreApprovals : $0.drillApprovals }.max() ?? 0
  }

  private init(
    plan: RecoveryPlan, mode: RunMode, run: ULID, pointInTime: Timestamp?, client: AWSClient,
    environment: [String: String], clusters: ClusterDirectory, approvals: Int,
    members: [Component]
  ) {
    self.plan = plan
    self.mode = mode
    self.run = run
    self.pointInTime = pointInTime
    self.client = client
    self.environment = environment
    self.clusters = clusters
    self.approvals = approvals
    self.members = members
  }

  /// The steps, in no particular order.
  ///
  /// - Throws: `StepGraphError` when components wait for each other, which reading a plan refuses.
  public func nodes() throws -> [StepNode] {
    let flat = PlanComposition.components(of: plan)
    let components = try StepGraph(
      flat.map { StepGraph.Node($0.component.name, dependsOn: $0.component.dependsOn) })
    let byName = Dictionary(
      flat.map { ($0.component.name, $0) }, uniquingKeysWith: { first, _ in first })
    var nodes: [StepNode] = []
    if approvals > 0 {
      nodes.append(
        StepNode(
          "approval", AwaitApproval(needed: approvals, stateOption: stateOption), component: nil,
          dependsOn: [],
          policy: StepPolicy(timeout: .seconds(30 * 86_400), waitsForPerson: true)))
    }
    var ends: [String: [String]] = [:]
    for (component, plan) in components.topologicalOrder.compactMap({ byName[$0] }) {
      let needed = component.dependsOn.flatMap { ends[$0] ?? [] }
      var lowering = Lowering(
        plan: plan, mode: mode, run: run, pointInTime: pointInTime, client: client,
        environment: environment, clusters: clusters, approvals: approvals,
        members: flat.map(\.component))
      lowering.attachmentsFolder = attachmentsFolder
      lowering.earlier = earlier
      lowering.stateOption = stateOption
      let made = lowering.nodes(of: component, after: needed)
      // What depends on a component waits for its checks, not for its removal.
      ends[component.name] = made.filter { $0.phase != .cleanup }.map(\.id)
      nodes += made
    }
    return nodes.map { removalWaitsForUsers($0, among: nodes, components) }
  }

  /// What the names of things made by this run have of it, and no other run's have.
  public var runNames: [String] { [run.description, run.shortForm] }

  /// The calls that the run makes to the cluster that this program runs in.
  public func callsInCluster() throws -> [PlannedCall] {
    try nodes().flatMap(\.calls).filter { $0.place == KubernetesTarget.inCluster.shown }
  }

  var approvalStep: [String] { approvals > 0 ? ["approval"] : [] }

  private func nodes(of component: Component, after needed: [String]) -> [StepNode] {
    switch component.spec {
    case let spec as RDSComponent:
      RDSLowering(component: component, spec: spec, lowering: self).nodes(after: needed)
    case let spec as AuroraComponent:
      AuroraLowering(component: component, spec: spec, lowering: self).nodes(after: needed)
    case let spec as VeleroComponent:
      VeleroLowering(component: component, spec: spec, lowering: self).nodes(after: needed)
    case let spec as EKSComponent:
      EKSLowering(component: component, spec: spec, lowering: self).nodes(after: needed)
    case let spec as S3Component:
      S3Lowering(component: component, spec: spec, lowering: self).nodes(after: needed)
    default: []
    }
  }

  /// A copy is removed only when nothing that was built on it is still at work.
  private func removalWaitsForUsers(
    _ node: StepNode, among nodes: [StepNode], _ components: StepGraph
  ) -> StepNode {
    guard node.runsAlways, let own = node.component else { return node }
    let users = Set(components.allDependents(of: own))
    let behind = nodes.filter { $0.component.map(users.contains) ?? false }
    return node.waiting(for: behind.map(\.id))
  }
}
