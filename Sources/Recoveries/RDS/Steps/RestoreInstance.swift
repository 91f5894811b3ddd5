import AWSClient
import Platform
import RunEngine
import RunJournal

/// Makes a new instance from the recovery point and waits until RDS holds it for usable.
struct RestoreInstance: InstanceMakingStep {
  static let kind = "rds.restore"

  struct Intent: InstanceIntent, Equatable {
    let identifier: String
    let point: RDSRecoveryPoint.Source
    let target: RestoreTarget
    let proof: OwnershipProof
    let decidedAt: Timestamp
  }

  let aws: AWSAccess
  let target: RestoreTarget
  let tags: RunTags
  let recoveryPointStep: String
  /// The kind of source that the way back has, for those who read the plan.
  let planned: RDSRecoveryPoint.Source
  /// The step that looked at the instance that is lost, when it decides about a standby.
  let standbyLike: String?
  let instance: MadeInstance

  init(
    aws: AWSAccess, identifier: String, target: RestoreTarget, tags: RunTags,
    mustBeEncrypted: Bool, recoveryPointStep: String, planned: RDSRecoveryPoint.Source,
    standbyLike: String?
  ) {
    self.aws = aws
    self.target = target
    self.tags = tags
    self.recoveryPointStep = recoveryPointStep
    self.planned = planned
    self.standbyLike = standbyLike
    instance = MadeInstance(aws: aws, identifier: identifier, mustBeEncrypted: mustBeEncrypted)
  }

  var summary: String { "restore database instance \(instance.identifier)" }
  var calls: [PlannedCall] {
    var made = creation.waiting(with: aws.untilAvailable(instance.identifier))
    if let standbyLike { made = made.taking(SourceByHand(sourceStep: standbyLike).standby) }
    return [made, aws.locate(instance.identifier)] + aws.watch(instance.identifier).dropFirst()
  }
  private var creation: PlannedCall {
    let identifier = instance.identifier
    var target = target
    target.tags = tags.planned
    if standbyLike != nil { target.multiAZ = nil }
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
    var target = try target.withStandby(like: standbyLike, context)
    let proof = try OwnershipProof(
      of: Untagged(identifier: instance.identifier, point: point.source, target: target), context)
    target.tags = tags.tags(proof, context)
    return Intent(
      identifier: instance.identifier, point: point.source, target: target, proof: proof,
      decidedAt: context.time.now().wall)
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

  private struct Untagged: Encodable {
    let identifier: String
    let point: RDSRecoveryPoint.Source
    let target: RestoreTarget
  }
}
