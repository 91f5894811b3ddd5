import AWSClient
import Platform
import RunEngine
import RunJournal

/// Puts back what a restore does not carry over, and waits until it is in force.
struct ApplySettings: ChangingStep {
  typealias Output = InstanceIdentity

  static let kind = "rds.apply-settings"
  static let phase = StepPhase.recover
  /// A modification takes a while to show: one good read right after the call proves nothing.
  static let confirmations = 3

  let aws: AWSAccess
  let settings: InstanceSettings
  let deletionProtection: Bool?
  let restoreStep: String
  let planned: PlannedInstance
  private let streak = Streak()

  init(
    aws: AWSAccess, settings: InstanceSettings, deletionProtection: Bool?, restoreStep: String,
    planned: PlannedInstance
  ) {
    self.aws = aws
    self.settings = settings
    self.deletionProtection = deletionProtection
    self.restoreStep = restoreStep
    self.planned = planned
  }

  var summary: String { "apply the settings that a restore does not carry over" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "settings of the restored instance in \(aws.region)")]
  }
  var calls: [PlannedCall] {
    let request = ModifyDBInstance(
      identifier: planned.identifier, settings: settings, deletionProtection: deletionProtection)
    return aws.watch(planned.identifier) + [
      aws.plan(request, tags: planned.tagRule)
        .waiting(with: aws.untilAvailable(planned.identifier))
    ]
  }

  func prepare(_ context: StepContext) async throws -> InstanceIdentity? {
    let identity = try await unchanged(context)
    let instance = try await aws.own(identity, context)
    return differences(of: instance).isEmpty ? nil : identity
  }

  /// Settings that are there need not be asked for again; to ask twice does no harm.
  func find(
    _ intent: InstanceIdentity, _ context: StepContext
  ) async throws -> Existing<InstanceIdentity> {
    differences(of: try await aws.own(intent, context)).isEmpty ? .ours(intent) : .absent
  }

  func apply(_ intent: InstanceIdentity, _ context: StepContext) async throws -> InstanceIdentity {
    try await aws.checkUsable(intent, context)
    _ = try await aws.send(
      ModifyDBInstance(
        identifier: intent.identifier, settings: settings, deletionProtection: deletionProtection),
      context)
    return intent
  }

  func observe(
    _ intent: InstanceIdentity, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceIdentity> {
    let instance = try await aws.own(identity, context)
    let status = DBInstanceStatus(instance.status)
    if status == .stuck { throw await RDSProblems.stuck(instance, aws, context) }
    let missing = differences(of: instance) + instance.pendingChanges.map { "\($0) is pending" }
    guard status == .usable, missing.isEmpty else {
      streak.reset()
      let detail = missing.isEmpty ? "" : ": \(missing.joined(separator: ", "))"
      return .waiting(Progress(instance.status + detail))
    }
    guard streak.extend() >= Self.confirmations else {
      return .waiting(Progress("\(instance.status), confirming", isNear: true))
    }
    return .ready(identity)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceIdentity {
    try context.output(of: restoreStep, as: InstanceRecord.self).identity
  }

  private func differences(of instance: DBInstance) -> [String] {
    var differences = settings.differences(from: instance.settings)
    if let deletionProtection, instance.isDeletionProtected != deletionProtection {
      differences.append("deletion protection is \(instance.isDeletionProtected ? "on" : "off")")
    }
    return differences
  }
}
