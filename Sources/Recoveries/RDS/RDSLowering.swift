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
    "cleanup", "cleanup-copy",
  ])

  let component: Component
  let spec: RDSComponent
  let lowering: Lowering
  /// How often a change is tried; the step's bound in time comes first.
  static let changeAttempts = 1_000

  func nodes(after needed: [String]) -> [StepNode] {
    let way = wayBack(after: needed)
    var nodes = way.nodes
    var last = way.instanceStep
    if !way.isOriginal {
      let settled = settings(of: way.instanceStep)
      nodes += settled
      nodes.append(reboot(way.instanceStep, after: settled.last?.id ?? way.instanceStep))
      last = id("reboot")
    }
    nodes += DatabaseCheckNodes(
      component: component, database: database(madeBy: way.instanceStep), mode: lowering.mode,
      connectTimeout: spec.timeouts.connect, after: last
    ).nodes()
    guard lowering.mode == .drill else { return nodes }
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
      access: spec.access, restoreStep: step, environment: lowering.environment)
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

  private func reboot(_ instanceStep: String, after settled: String) -> StepNode {
    StepNode(
      id("reboot"),
      RebootInstance(
        aws: aws(region), restoreStep: instanceStep, planned: plannedInstance),
      component: component.name, dependsOn: [settled],
      policy: StepPolicy(timeout: spec.timeouts.modify, attempts: Self.changeAttempts))
  }

  private func settings(of instanceStep: String) -> [StepNode] {
    guard let settings = spec.settings else { return [] }
    var asked = InstanceSettings()
    asked.backupRetentionDays = settings.backupRetention
    asked.backupWindow = settings.backupWindow
    asked.maintenanceWindow = settings.maintenanceWindow
    asked.monitoringInterval = settings.monitoringInterval
    asked.monitoringRole = settings.monitoringRole
    asked.performanceInsights = settings.performanceInsights
    asked.maxAllocatedStorage = settings.maxAllocatedStorage
    asked.caCertificate = settings.caCertificate
    asked.autoMinorVersionUpgrade = settings.autoMinorVersionUpgrade
    let step = ApplySettings(
      aws: aws(region), settings: asked,
      deletionProtection: lowering.mode == .restore ? settings.deletionProtection : nil,
      restoreStep: instanceStep, planned: plannedInstance)
    return [
      StepNode(
        id("settings"), step, component: component.name, dependsOn: [instanceStep],
        policy: StepPolicy(
          timeout: spec.timeouts.modify, attempts: Self.changeAttempts, expected: .seconds(60)))
    ]
  }
}
