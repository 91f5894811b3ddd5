import AWSClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Turns an `rds` component into steps.
struct RDSLowering {
  /// The names of its steps, beside those of the checks.
  static let steps: Set<String> = [
    "recovery-point", "target", "restore", "settings", "reboot", "connect", "prove-checks",
    "verified", "cleanup",
  ]

  let component: Component
  let spec: RDSComponent
  let lowering: Lowering
  /// How often a change is tried; the step's bound in time comes first.
  private static let changeAttempts = 1_000

  func nodes(after needed: [String]) -> [StepNode] {
    let database = RestoredDatabase(
      access: spec.access, restoreStep: id("restore"), environment: lowering.environment)
    var nodes = [selection(after: needed), targetCheck(), restore()]
    let settled = settings()
    nodes += settled
    nodes.append(reboot(after: settled.last?.id ?? id("restore")))
    nodes.append(
      StepNode(
        id("connect"), ConnectDatabase(database: database), component: component.name,
        dependsOn: [id("reboot")], policy: StepPolicy(timeout: spec.timeouts.connect)))
    nodes += checks(database)
    if lowering.mode == .drill { nodes.append(removal(after: nodes.map(\.id))) }
    return nodes
  }

  private func id(_ step: String) -> String { "\(component.name).\(step)" }

  private var aws: AWSAccess {
    AWSAccess(client: lowering.client, region: lowering.plan.recoveryRegion)
  }

  private func selection(after needed: [String]) -> StepNode {
    let policy = StepPolicy(timeout: .seconds(300))
    let named: String?
    switch spec.recoverFrom {
    case .pointInTime:
      return StepNode(
        id("recovery-point"),
        SelectPointInTime(
          aws: aws, instance: spec.instance, asked: lowering.pointInTime,
          mustBeEncrypted: spec.mustBeEncrypted),
        component: component.name, dependsOn: needed, policy: policy)
    case .latestSnapshot: named = nil
    case .snapshot(let identifier): named = identifier
    }
    return StepNode(
      id("recovery-point"),
      SelectSnapshot(
        aws: aws, instance: spec.instance, named: named, mustBeEncrypted: spec.mustBeEncrypted),
      component: component.name, dependsOn: needed, policy: policy)
  }

  private func targetCheck() -> StepNode {
    StepNode(
      id("target"),
      CheckTarget(
        aws: aws, subnetGroup: spec.target.subnetGroup, parameterGroup: spec.target.parameterGroup,
        recoveryPointStep: id("recovery-point")),
      component: component.name, dependsOn: [id("recovery-point")],
      policy: StepPolicy(timeout: .seconds(300)))
  }

  private func restore() -> StepNode {
    StepNode(
      id("restore"), restoreStep, component: component.name,
      dependsOn: [id("target")] + lowering.approvalStep,
      policy: StepPolicy(timeout: spec.timeouts.restore, expected: .seconds(900)))
  }

  private func reboot(after settled: String) -> StepNode {
    StepNode(
      id("reboot"), RebootInstance(aws: aws, restoreStep: id("restore")), component: component.name,
      dependsOn: [settled],
      policy: StepPolicy(timeout: spec.timeouts.modify, attempts: Self.changeAttempts))
  }

  private func removal(after steps: [String]) -> StepNode {
    StepNode(
      removing: restoreStep, madeBy: id("restore"), as: id("cleanup"), component: component.name,
      dependsOn: steps, policy: StepPolicy(timeout: spec.timeouts.delete, expected: .seconds(300)))
  }

  private var restoreStep: RestoreInstance {
    RestoreInstance(
      aws: aws, identifier: identifier, target: target, planTags: lowering.plan.tags,
      mustBeEncrypted: spec.mustBeEncrypted, recoveryPointStep: id("recovery-point"))
  }

  /// A drill's copy has a name of its own run; a restore has the plan's, else one of its run.
  private var identifier: String {
    if lowering.mode == .restore, let identifier = spec.target.identifier {
      return identifier.lowercased()
    }
    let word = lowering.mode == .drill ? "drill" : "restored"
    let stem = spec.instance.lowercased().prefix(63 - word.count - 16)
    return "\(stem)-\(word)-\(lowering.run.shortForm)\(twinNumber)"
  }

  /// Tells the copies of one instance apart, when several components make one.
  private var twinNumber: String {
    let twins = lowering.members.filter {
      ($0.spec as? RDSComponent)?.instance.lowercased() == spec.instance.lowercased()
    }
    guard twins.count > 1, let place = twins.firstIndex(where: { $0.name == component.name }) else {
      return ""
    }
    return "-\(place + 1)"
  }

  private var target: RestoreTarget {
    RestoreTarget(
      instanceClass: spec.target.instanceClass, subnetGroup: spec.target.subnetGroup,
      securityGroups: spec.target.securityGroups, parameterGroup: spec.target.parameterGroup,
      optionGroup: spec.target.optionGroup, multiAZ: spec.target.multiAZ, port: spec.target.port,
      storageType: spec.target.storageType, iops: spec.target.iops,
      publiclyAccessible: spec.target.publiclyAccessible,
      iamAuthentication: spec.target.iamAuthentication, logExports: spec.target.logExports,
      deletionProtection: false, tags: [:])
  }

  private func settings() -> [StepNode] {
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
      aws: aws, settings: asked,
      deletionProtection: lowering.mode == .restore ? settings.deletionProtection : nil,
      restoreStep: id("restore"))
    return [
      StepNode(
        id("settings"), step, component: component.name, dependsOn: [id("restore")],
        policy: StepPolicy(
          timeout: spec.timeouts.modify, attempts: Self.changeAttempts, expected: .seconds(60)))
    ]
  }

  private func checks(_ database: RestoredDatabase) -> [StepNode] {
    var needed = [id("connect")]
    var nodes: [StepNode] = []
    let queries = component.checks.compactMap(query)
    if lowering.mode == .drill, !queries.isEmpty {
      nodes.append(
        StepNode(
          id("prove-checks"), ProveChecks(queries: queries, database: database),
          component: component.name, dependsOn: needed, policy: StepPolicy(timeout: .seconds(900))))
      needed = [id("prove-checks")]
    }
    for check in component.checks {
      let policy = StepPolicy(timeout: .seconds(900))
      switch check.spec {
      case let spec as SQLCheck:
        nodes.append(
          StepNode(
            id(check.name), CheckQuery(name: check.name, check: spec, database: database),
            component: component.name, dependsOn: needed, policy: policy))
      case let spec as HeartbeatCheck:
        nodes.append(
          StepNode(
            id(check.name), ReadHeartbeat(name: check.name, check: spec, database: database),
            component: component.name, dependsOn: needed, policy: policy))
      case let spec as WarmCheck:
        nodes.append(
          StepNode(
            id(check.name), AwaitWarm(name: check.name, check: spec, database: database),
            component: component.name, dependsOn: needed,
            policy: StepPolicy(timeout: spec.longestWait)))
      default: break
      }
    }
    nodes.append(
      StepNode(
        id("verified"), NoteVerified(checks: component.checks.count), component: component.name,
        dependsOn: [id("connect")] + component.checks.map { id($0.name) }, policy: policyOfNote))
    return nodes
  }

  private var policyOfNote: StepPolicy {
    StepPolicy(timeout: .seconds(60), expected: .milliseconds(1))
  }

  private func query(
    _ check: Check
  ) -> (name: String, sql: String, holds: @Sendable (String?) -> Bool)? {
    switch check.spec {
    case let spec as SQLCheck:
      (check.name, spec.query, { spec.expectation.isSatisfied(by: $0) })
    case let spec as HeartbeatCheck: (check.name, spec.query, { $0 != nil })
    default: nil
    }
  }
}
