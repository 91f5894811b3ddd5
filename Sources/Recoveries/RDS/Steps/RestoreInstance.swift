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
  /// Looks once more how near to the incident the backups come, right before the restore.
  let renewal: SelectPointInTime?
  let instance: MadeInstance

  init(
    aws: AWSAccess, identifier: String, target: RestoreTarget, tags: RunTags,
    mustBeEncrypted: Bool, recoveryPointStep: String, planned: RDSRecoveryPoint.Source,
    standbyLike: String?, renewal: SelectPointInTime? = nil
  ) {
    self.aws = aws
    self.target = target
    self.tags = tags
    self.recoveryPointStep = recoveryPointStep
    self.planned = planned
    self.standbyLike = standbyLike
    self.renewal = renewal
    instance = MadeInstance(aws: aws, identifier: identifier, mustBeEncrypted: mustBeEncrypted)
  }

  var summary: String { "restore database instance \(instance.identifier)" }
  var calls: [PlannedCall] {
    var made = creation.waiting(with: aws.untilAvailable(instance.identifier))
    if let standbyLike { made = made.taking(SourceByHand(sourceStep: standbyLike).standby) }
    return [made, aws.locate(instance.identifier)] + aws.watch(instance.identifier).dropFirst()
      + (renewal?.look ?? [])
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
        tags: .onRequest
      ).remarking(RecoveryBound.remark("--restore-time"))
    case .replica(let source):
      aws.plan(
        CreateDBInstanceReadReplica(
          identifier: identifier, source: source.identifier, target: target), tags: .onRequest)
    }
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let selected = try selected(context)
    let point = try await renewal?.renewed(selected, context) ?? selected
    var target = try target.withStandby(like: standbyLike, context)
    let proof = try OwnershipProof(
      of: Untagged(identifier: instance.identifier, point: point, target: target), context)
    target.tags = tags.tags(proof, context)
    return Intent(
      identifier: instance.identifier, point: point, target: target, proof: proof,
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

  /// The recovery point that counts is the one in the intent, which a later process has too.
  func observe(
    _ intent: Intent, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    let seen = try await instance.observe(identity, decidedAt: intent.decidedAt, context)
    if case .ready = seen, case .pointInTime(_, let moment?) = intent.point,
      try intent.point != selected(context)
    {
      context.note(
        Moment(
          .recoveryPoint, of: context.component, at: moment, evidence: .serviceField,
          source: SelectPointInTime.restoredTo))
    }
    return seen
  }

  private func selected(_ context: StepContext) throws -> RDSRecoveryPoint.Source {
    try context.output(of: recoveryPointStep, as: RDSRecoveryPoint.self).source
  }

  private struct Untagged: Encodable {
    let identifier: String
    let point: RDSRecoveryPoint.Source
    let target: RestoreTarget
  }
}
