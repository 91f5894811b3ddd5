import AWSClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Turns an `rds` component into steps: a way back, settings, checks, and in a drill the removal.
struct RDSLowering {
  /// The names of its steps, beside those of the checks.
  static let steps: Set<String> = DatabaseCheckNodes.steps.union([
    "recovery-point", "target", "copy", "restore", "promote", "fail-over", "settings", "reboot",
    "source", "compare", "standby",
    "cleanup", "cleanup-copy", CutOverNodes.done,
  ])

  let component: Component
  let spec: RDSComponent
  let lowering: Lowering
  /// How often a change is tried; the step's bound in time comes first.
  static let changeAttempts = 1_000

  func nodes(after needed: [String]) -> [StepNode] {
    let way = wayBack(after: needed)
    // A pass that only looks takes the steps in this order.
    var nodes = (way.isOriginal ? [] : [source(after: needed)]) + way.nodes
    var last = way.instanceStep
    if !way.isOriginal {
      nodes += [
        settings(of: way.instanceStep),
        reboot(way.instanceStep, after: id("settings")), comparison(of: way.instanceStep),
      ]
      last = id("reboot")
    }
    nodes += DatabaseCheckNodes(
      component: component, database: database(madeBy: way.instanceStep), mode: lowering.mode,
      connectTimeout: spec.timeouts.connect, after: last,
      sourceStep: way.isOriginal ? nil : id("source"), earlier: lowering.earlier
    ).nodes()
    nodes += CutOverNodes(
      component: component, lowering: lowering, instanceStep: way.instanceStep,
      region: lowering.plan.recoveryRegion
    ).nodes(after: id("verified"))
    guard lowering.mode == .drill else { return nodes + standby(of: way.instanceStep) }
    let before = nodes.map(\.id)
    return nodes + way.removals.map { $0(before) }
  }

  func id(_ step: String) -> String { "\(component.name).\(step)" }

  func aws(_ region: String) -> AWSAccess { AWSAccess(client: lowering.client, region: region) }

  /// Where the instance is brought back.
  var region: String {
    spec.recoverFrom == .failover ? lowering.plan.primaryRegion : lowering.plan.recoveryRegion
  }

  func database(madeBy step: String) -> RestoredDatabase {
    RestoredDatabase(
      access: spec.access, restoreStep: step, environment: lowering.environment,
      aws: lowering.client, region: region)
  }

  var tags: RunTags { RunTags(plan: lowering.plan.tags, lifetime: lowering.plan.timeout) }

  var identifier: String {
    CopyName(
      mode: lowering.mode, run: lowering.run,
      twins: lowering.members.filter {
        ($0.spec as? RDSComponent)?.instance.lowercased() == spec.instance.lowercased()
      }.map(\.name), own: component.name
    ).name(of: spec.instance, planned: spec.target.identifier)
  }

  /// The instance that is brought back. A restore takes the replica, or the instance, that is there.
  var plannedInstance: PlannedInstance {
    switch (lowering.mode, spec.recoverFrom) {
    case (.restore, .replica(let name)): PlannedInstance(identifier: name, isMade: false)
    case (.restore, .failover): PlannedInstance(identifier: spec.instance, isMade: false)
    default: PlannedInstance(identifier: identifier, isMade: true)
    }
  }

  /// For how many days backups are kept, as far as that is known before the run. A drill's copy gets none that
  /// the plan does not state; RDS would keep them for as long as the source's.
  var backupRetentionDays: Int? {
    spec.settings?.backupRetention ?? (lowering.mode == .drill ? 0 : nil)
  }

  private func reboot(_ instanceStep: String, after settled: String) -> StepNode {
    StepNode(
      id("reboot"),
      RebootInstance(
        aws: aws(region), restoreStep: instanceStep, planned: plannedInstance),
      component: component.name, dependsOn: [settled],
      policy: StepPolicy(timeout: spec.timeouts.modify, attempts: Self.changeAttempts))
  }

  /// Only a way back that makes an instance, or promotes one, needs to know what was lost.
  private func source(after needed: [String]) -> StepNode {
    StepNode(
      id("source"),
      ReadSource(
        aws: aws(lowering.plan.primaryRegion), subject: .instance(spec.instance),
        earlier: lowering.earlier),
      component: component.name, dependsOn: needed, policy: StepPolicy(timeout: .seconds(120)))
  }

  /// Whether a standby is made once all is well: a promotion is told of none.
  private var standbyComesLater: Bool {
    guard lowering.mode == .restore, case .replica = spec.recoverFrom else { return false }
    return spec.target.multiAZ != false
  }

  private func standby(of instanceStep: String) -> [StepNode] {
    guard standbyComesLater else { return [] }
    return [
      StepNode(
        id("standby"),
        AddStandby(
          aws: aws(region), stated: spec.target.multiAZ, instanceStep: instanceStep,
          sourceStep: id("source"), planned: plannedInstance),
        component: component.name, dependsOn: [id("verified")],
        policy: StepPolicy(timeout: spec.timeouts.restore, attempts: Self.changeAttempts))
    ]
  }

  private func comparison(of instanceStep: String) -> StepNode {
    StepNode(
      id("compare"),
      CompareSettings(
        aws: aws(region), instanceStep: instanceStep, sourceStep: id("source"),
        subnetGroup: spec.target.subnetGroup, planned: plannedInstance,
        comesLater: standbyComesLater ? [\.multiAZ] : []),
      component: component.name, dependsOn: [id("reboot")],
      policy: StepPolicy(timeout: .seconds(120)))
  }

  private func settings(of instanceStep: String) -> StepNode {
    var stated = spec.settings?.stated(in: lowering.mode) ?? DatabaseSettings()
    // The calls that make an instance are told too, but for AWS Backup's.
    stated.backupRetentionDays = backupRetentionDays
    stated.parameterGroup = spec.target.parameterGroup
    stated.optionGroup = spec.target.optionGroup
    stated.securityGroups = spec.target.securityGroups.sorted()
    stated.logExports = spec.target.logExports?.sorted()
    let step = ApplySettings(
      aws: aws(region), stated: stated, restoreStep: instanceStep, sourceStep: id("source"),
      planned: plannedInstance, mode: lowering.mode)
    return StepNode(
      id("settings"), step, component: component.name, dependsOn: [instanceStep, id("source")],
      policy: StepPolicy(
        timeout: spec.timeouts.modify, attempts: Self.changeAttempts, expected: .seconds(60)))
  }
}
