import AWSClient
import Platform
import RunEngine
import RunJournal

/// Puts back what a restore does not carry over: what the plan states, and for the rest what the
/// instance that is lost had. Waits until it is in force.
struct ApplySettings: ChangingStep {
  typealias Output = InstanceIdentity

  static let kind = "rds.apply-settings"
  static let phase = StepPhase.recover
  /// A modification takes a while to show: one good read right after the call proves nothing.
  static let confirmations = 3

  struct Intent: Codable, Sendable, Equatable {
    let instance: InstanceIdentity
    /// With what the instance that is lost had.
    let settings: InstanceSettings
  }

  let aws: AWSAccess
  /// What the plan states.
  let stated: InstanceSettings
  let deletionProtection: Bool?
  let restoreStep: String
  /// The step that looked at the instance that is lost.
  let sourceStep: String
  let planned: PlannedInstance
  private let streak = Streak()

  init(
    aws: AWSAccess, stated: InstanceSettings, deletionProtection: Bool?, restoreStep: String,
    sourceStep: String, planned: PlannedInstance
  ) {
    self.aws = aws
    self.stated = stated
    self.deletionProtection = deletionProtection
    self.restoreStep = restoreStep
    self.sourceStep = sourceStep
    self.planned = planned
  }

  var summary: String { "apply the settings that a restore does not carry over" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "settings of the restored instance in \(aws.region)")]
  }
  var calls: [PlannedCall] {
    let request = ModifyDBInstance(
      identifier: planned.identifier, settings: stated, deletionProtection: deletionProtection)
    return aws.watch(planned.identifier) + [
      aws.plan(request, tags: planned.tagRule)
        .waiting(with: aws.untilAvailable(planned.identifier)),
      aws.plan(DescribeDBParameterGroups(name: "<parameter-group>"), isOptional: true),
    ]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let identity = try await unchanged(context)
    let instance = try await aws.own(identity, context)
    let wanted = try await wanted(context)
    return differences(of: instance, from: wanted).isEmpty
      ? nil : Intent(instance: identity, settings: wanted)
  }

  /// Settings that are there need not be asked for again; to ask twice does no harm.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Intent> {
    let instance = try await aws.own(intent.instance, context)
    return differences(of: instance, from: intent.settings).isEmpty ? .ours(intent) : .absent
  }

  /// What the instance that is lost had may not be had here: then the plan's own settings count.
  func apply(_ intent: Intent, _ context: StepContext) async throws -> Intent {
    try await aws.checkUsable(intent.instance, context)
    do {
      try await ask(for: intent.settings, of: intent.instance, context)
      return intent
    } catch let error as AWSError
      where intent.settings != stated && error.code?.hasPrefix("InvalidParameter") == true
    {
      context.note(
        Finding(
          .warning,
          "Not all settings of the instance that is lost can be had here: \(error.reason)"))
      try await ask(for: stated, of: intent.instance, context)
      return Intent(instance: intent.instance, settings: stated)
    }
  }

  func observe(
    _ intent: Intent, _ identity: Intent, _ context: StepContext
  ) async throws -> Observation<InstanceIdentity> {
    let instance = try await aws.own(identity.instance, context)
    let status = DBInstanceStatus(instance.status)
    if status == .stuck { throw await RDSProblems.stuck(instance, aws, context) }
    let missing =
      differences(of: instance, from: identity.settings)
      + instance.pendingChanges.map { "\($0) is pending" }
    guard status == .usable, missing.isEmpty else {
      streak.reset()
      let detail = missing.isEmpty ? "" : ": \(missing.joined(separator: ", "))"
      return .waiting(Progress(instance.status + detail))
    }
    guard streak.extend() >= Self.confirmations else {
      return .waiting(Progress("\(instance.status), confirming", isNear: true))
    }
    return .ready(identity.instance)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceIdentity {
    try context.output(of: restoreStep, as: InstanceRecord.self).identity
  }

  private func ask(
    for settings: InstanceSettings, of instance: InstanceIdentity, _ context: StepContext
  ) async throws {
    _ = try await aws.send(
      ModifyDBInstance(
        identifier: instance.identifier, settings: settings,
        deletionProtection: deletionProtection), context)
  }

  /// A standby is the target's matter, since it takes long to make; a drill's copy needs no backups.
  private func wanted(_ context: StepContext) async throws -> InstanceSettings {
    guard let source = try context.output(of: sourceStep, as: ReadSource.Output.self).source else {
      return stated
    }
    var had = context.mode == .drill ? source.settings.forDrill : source.settings
    had.multiAZ = nil
    if had.iamAuthentication == false { had.iamAuthentication = nil }
    if let group = had.parameterGroup, stated.parameterGroup == nil {
      had.parameterGroup = try await isThere(group, context) ? group : nil
    }
    var wanted = stated.filled(from: had)
    if wanted.monitoringRole == nil { wanted.monitoringInterval = stated.monitoringInterval }
    return wanted
  }

  /// Whether the recovery region has the parameter group; default groups are everywhere.
  private func isThere(_ group: String, _ context: StepContext) async throws -> Bool {
    do {
      _ = try await aws.send(DescribeDBParameterGroups(name: group), context)
      return true
    } catch let error as AWSError where error.code?.hasPrefix("DBParameterGroupNotFound") == true {
      context.note(
        Finding(
          .warning,
          "\(aws.region) has no parameter group \(group), which the instance that is lost had."))
      return false
    }
  }

  private func differences(
    of instance: DBInstance, from settings: InstanceSettings
  ) -> [String] {
    var differences = settings.differences(from: instance.settings)
    if let deletionProtection, instance.isDeletionProtected != deletionProtection {
      differences.append("deletion protection is \(instance.isDeletionProtected ? "on" : "off")")
    }
    return differences
  }
}
