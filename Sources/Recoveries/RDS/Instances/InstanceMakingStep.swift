import Platform
import RunEngine
import RunJournal

/// What an intent to make an instance says whatever the call is.
protocol InstanceIntent: Codable, Sendable {
  /// What its tags prove; removal goes by it too.
  var proof: OwnershipProof { get }
  /// When it was decided to make the instance.
  var decidedAt: Timestamp { get }
}

/// A step that makes an instance with one call to RDS. Whatever the call, the instance is found, watched
/// and removed alike.
protocol InstanceMakingStep: RemovableStep
where Output == InstanceRecord, Identity == InstanceIdentity, Intent: InstanceIntent {
  var instance: MadeInstance { get }
}

extension InstanceMakingStep {
  static var phase: StepPhase { .recover }

  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete database instance \(instance.identifier)" }
  var removalCalls: [PlannedCall] { instance.removalCalls }
  var made: String { instance.name }
  var cost: String { MadeInstance.cost }
  var appearsWithin: Duration { MadeInstance.invisibleFor }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<InstanceIdentity> {
    try await instance.find(intent.proof, context)
  }

  func observe(
    _ intent: Intent, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    try await instance.observe(identity, decidedAt: intent.decidedAt, context)
  }

  func remove(
    _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    try await instance.remove(identity, context)
  }
}
