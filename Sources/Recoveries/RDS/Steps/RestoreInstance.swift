import AWSClient
import Platform
import RunEngine
import RunJournal

/// Makes a new instance from the recovery point and waits until RDS holds it for usable.
struct RestoreInstance: RemovableStep {
  typealias Output = InstanceRecord

  static let kind = "rds.restore"
  static let phase = StepPhase.recover

  struct Intent: Codable, Sendable, Equatable {
    let identifier: String
    let point: RDSRecoveryPoint.Source
    let target: RestoreTarget
    /// What its tags prove; removal goes by it too.
    let proof: OwnershipProof
    let decidedAt: Timestamp
  }

  let aws: AWSAccess
  let target: RestoreTarget
  let tags: RunTags
  let recoveryPointStep: String
  /// The kind of source that the way back has, for those who read the plan.
  let planned: RDSRecoveryPoint.Source
  private let instance: MadeInstance

  init(
    aws: AWSAccess, identifier: String, target: RestoreTarget, tags: RunTags,
    mustBeEncrypted: Bool, recoveryPointStep: String, planned: RDSRecoveryPoint.Source
  ) {
    self.aws = aws
    self.target = target
    self.tags = tags
    self.recoveryPointStep = recoveryPointStep
    self.planned = planned
    instance = MadeInstance(aws: aws, identifier: identifier, mustBeEncrypted: mustBeEncrypted)
  }

  var summary: String { "restore database instance \(instance.identifier)" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete database instance \(instance.identifier)" }
  var made: String { instance.name }
  var cost: String { MadeInstance.cost }
  var appearsWithin: Duration { MadeInstance.invisibleFor }
  var calls: [PlannedCall] {
    let made = creation.waiting(with: aws.untilAvailable(instance.identifier))
    return [made, aws.locate(instance.identifier)] + aws.watch(instance.identifier).dropFirst()
  }
  var removalCalls: [PlannedCall] { instance.removalCalls }
  private var creation: PlannedCall {
    let identifier = instance.identifier
    var target = target
    target.tags = tags.planned
    return switch planned {
    case .snapshot(let snapshot):
      aws.plan(
        RestoreDBInstanceFromDBSnapshot(
          identifier: identifier, snapshot: snapshot, target: target), tags: .onRequest)
    case .pointInTime(let source, let moment):
      aws.plan(
        RestoreDBInstanceToPointInTime(
          identifier: identifier, source: source, moment: moment, target: target),
        tags: .onRequest)
    case .replica(let source):
      aws.plan(
        CreateDBInstanceReadReplica(
          identifier: identifier, source: source.identifier, target: target), tags: .onRequest)
    }
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let point = try context.output(of: recoveryPointStep, as: RDSRecoveryPoint.self)
    let proof = try OwnershipProof(
      of: Untagged(identifier: instance.identifier, point: point.source, target: target), context)
    var tagged = target
    tagged.tags = tags.tags(proof, context)
    return Intent(
      identifier: instance.identifier, point: point.source, target: tagged, proof: proof,
      decidedAt: context.time.now().wall)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<InstanceIdentity> {
    try await instance.find(intent.proof, context)
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> InstanceIdentity {
    let made: DBInstance
    switch intent.point {
    case .snapshot(let snapshot):
      made = try await aws.send(
        RestoreDBInstanceFromDBSnapshot(
          identifier: intent.identifier, snapshot: snapshot, target: intent.target), context)
    case .pointInTime(let source, let moment):
      made = try await aws.send(
        RestoreDBInstanceToPointInTime(
          identifier: intent.identifier, source: source, moment: moment, target: intent.target),
        context)
    case .replica(let source):
      made = try await aws.send(
        CreateDBInstanceReadReplica(
          identifier: intent.identifier, source: source.identifier, target: intent.target), context)
    }
    return InstanceIdentity(identifier: intent.identifier, resourceID: made.resourceID)
  }

  func observe(
    _ intent: Intent, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    try await instance.observe(identity, decidedAt: intent.decidedAt, context)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceRecord {
    throw Problem(
      "a restore decided to do nothing", on: context.step, because: "this cannot happen",
      fix: "This is a defect of this program: please report it.")
  }

  func remove(
    _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    try await instance.remove(identity, context)
  }

  private struct Untagged: Encodable {
    let identifier: String
    let point: RDSRecoveryPoint.Source
    let target: RestoreTarget
  }
}
