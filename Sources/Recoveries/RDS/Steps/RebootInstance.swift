import AWSClient
import Platform
import RunEngine
import RunJournal

/// Reboots the restored instance when its parameter group comes into force only so: parameters
/// that are static stay those of the default group until then.
struct RebootInstance: ChangingStep {
  typealias Output = InstanceIdentity

  static let kind = "rds.reboot"
  static let phase = StepPhase.recover
  /// A reboot takes a moment to show: one good read right after the call proves nothing.
  static let confirmations = 3

  let aws: AWSAccess
  let restoreStep: String
  let planned: PlannedInstance
  private let streak = Streak()

  init(aws: AWSAccess, restoreStep: String, planned: PlannedInstance) {
    self.aws = aws
    self.restoreStep = restoreStep
    self.planned = planned
  }

  var summary: String { "reboot the instance if its parameter group waits for that" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "the restored instance in \(aws.region): a reboot, if needed")]
  }
  var calls: [PlannedCall] {
    aws.watch(planned.identifier) + [
      aws.plan(RebootDBInstance(identifier: planned.identifier), tags: planned.tagRule)
        .waiting(with: aws.untilAvailable(planned.identifier))
    ]
  }

  func prepare(_ context: StepContext) async throws -> InstanceIdentity? {
    let identity = try await unchanged(context)
    return try await aws.own(identity, context).awaitsReboot ? identity : nil
  }

  /// A parameter group that no longer waits for it shows that the reboot was taken up.
  func find(
    _ intent: InstanceIdentity, _ context: StepContext
  ) async throws -> Existing<InstanceIdentity> {
    let instance = try await aws.own(intent, context)
    return instance.status == "rebooting" || !instance.awaitsReboot ? .ours(intent) : .absent
  }

  func apply(_ intent: InstanceIdentity, _ context: StepContext) async throws -> InstanceIdentity {
    try await aws.checkUsable(intent, context)
    _ = try await aws.send(RebootDBInstance(identifier: intent.identifier), context)
    return intent
  }

  func observe(
    _ intent: InstanceIdentity, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceIdentity> {
    let instance = try await aws.own(identity, context)
    let status = DBInstanceStatus(instance.status)
    if status == .stuck { throw await RDSProblems.stuck(instance, aws, context) }
    let group = instance.parameterGroups.first { $0.applyStatus != "in-sync" }
    guard status == .usable, group == nil else {
      streak.reset()
      let detail = group.map { ", \($0.standing)" } ?? ""
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
}

extension DBInstance {
  fileprivate var awaitsReboot: Bool {
    parameterGroups.contains { $0.applyStatus == "pending-reboot" }
  }
}
