import AWSClient
import Platform
import RunEngine
import RunJournal

/// Copies the chosen snapshot to the recovery region and waits until the copy is complete.
struct CopySnapshot: RemovableStep {
  typealias Output = RDSRecoveryPoint

  static let kind = "rds.copy-snapshot"
  static let phase = StepPhase.recover
  /// How long after the call a copy may be invisible to reads.
  static let invisibleFor: Duration = .seconds(120)

  struct Intent: Codable, Sendable, Equatable {
    let identifier: String
    let point: RDSRecoveryPoint
    let source: String
    let kmsKey: String?
    let tags: [String: String]
    let proof: OwnershipProof
    let decidedAt: Timestamp
  }

  struct Identity: Codable, Sendable, Equatable {
    let identifier: String
    let arn: String
  }

  let aws: AWSAccess
  let identifier: String
  let kmsKey: String?
  let tags: RunTags
  let recoveryPointStep: String
  /// Where the snapshot is that is copied.
  let sourceRegion: String

  var summary: String { "copy the snapshot to \(aws.region) as \(identifier)" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete snapshot \(identifier)" }
  var made: String { "snapshot \(identifier) in \(aws.region)" }
  var cost: String { "RDS bills its storage until it is deleted." }
  var appearsWithin: Duration { Self.invisibleFor }
  var calls: [PlannedCall] {
    let request = CopyDBSnapshot(
      source: "<ARN of the snapshot>", target: identifier, kmsKey: kmsKey, tags: tags.planned)
    let wait = [
      "aws", "rds", "wait", "db-snapshot-available", "--region", aws.region,
      "--db-snapshot-identifier", identifier,
    ]
    let source = AWSResource.regional("rds", "snapshot:*").pattern(in: sourceRegion)
    let reading = IAMPermission(CopyDBSnapshot.iamAction, [.arn(source)])
    return look + [
      aws.plan(request, tags: .onRequest, further: [reading]).waiting(with: wait)
    ]
  }
  var removalCalls: [PlannedCall] {
    look + [aws.plan(DeleteDBSnapshot(identifier: identifier), tags: .onResource)]
  }
  private var look: [PlannedCall] {
    [
      aws.plan(DescribeDBSnapshots(snapshot: identifier)),
      aws.plan(DescribeEvents(.snapshot, identifier, minutes: RDSProblems.eventMinutes)),
    ]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let point = try context.output(of: recoveryPointStep, as: RDSRecoveryPoint.self)
    guard case .snapshot(let source) = point.source else { throw notASnapshot(point) }
    if point.isEncrypted, kmsKey == nil {
      throw Problem(
        "an encrypted snapshot cannot be copied without a key", on: source,
        because: "its own key is of another region, and the plan names none of \(aws.region)",
        fix: "Add 'kmsKey' with a key of \(aws.region) to the plan's snapshotCopy.")
    }
    let proof = try OwnershipProof(
      of: Untagged(identifier: identifier, source: source, kmsKey: kmsKey), context)
    return Intent(
      identifier: identifier, point: point, source: source, kmsKey: kmsKey,
      tags: tags.tags(proof, context), proof: proof, decidedAt: context.time.now().wall)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    guard let snapshot = try await aws.snapshot(intent.identifier, context) else { return .absent }
    guard intent.proof.holds(for: snapshot.tags, run: context.run) else {
      return .foreign("snapshot \(intent.identifier) in \(aws.region)")
    }
    return .ours(Self.identity(of: snapshot))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    var request = CopyDBSnapshot(
      source: intent.source, target: intent.identifier, kmsKey: intent.kmsKey, tags: intent.tags)
    if CopyDBSnapshot.needsPresignedURL(in: aws.region) {
      request.presignedURL = try await aws.client.presignedURL(
        of: request, from: sourceRegion, to: aws.region)
    }
    return Self.identity(of: try await aws.send(request, context))
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<RDSRecoveryPoint> {
    guard let snapshot = try await aws.snapshot(identity.identifier, context) else {
      guard context.time.now().wall - intent.decidedAt < Self.invisibleFor else {
        throw Problem(
          "the copy of the snapshot is gone", on: made,
          because: "RDS accepted the copy but does not know it",
          fix: "Look in CloudTrail who deleted it; then run the plan again.")
      }
      return .waiting(Progress("not visible yet"))
    }
    switch snapshot.status {
    case "available":
      return .ready(
        RDSRecoveryPoint(
          source: .snapshot(identifier: identity.identifier), at: intent.point.at,
          engine: snapshot.engine, engineVersion: snapshot.engineVersion,
          isEncrypted: snapshot.isEncrypted, kmsKeyID: snapshot.kmsKeyID,
          name: "copy of \(intent.point.name)"))
    case "failed", "deleting", "deleted": throw await RDSProblems.stuck(snapshot, aws, context)
    default:
      // A queued copy shows no progress, and may wait for hours.
      let isQueued = (snapshot.percent ?? 0) == 0
      return .waiting(
        Progress(
          isQueued ? "\(snapshot.status), queued" : snapshot.status, percent: snapshot.percent))
    }
  }

  func unchanged(_ context: StepContext) async throws -> RDSRecoveryPoint {
    try context.output(of: recoveryPointStep, as: RDSRecoveryPoint.self)
  }

  func remove(_ identity: Identity, _ context: StepContext) async throws -> Observation<Removed> {
    guard let snapshot = try await aws.snapshot(identity.identifier, context) else {
      return .ready(Removed(what: made))
    }
    guard snapshot.tags[OwnershipTags.run] == context.run.description,
      snapshot.arn.map({ $0 == identity.arn }) ?? true
    else {
      throw Problem(
        "a snapshot is not the one this run made", on: made,
        because: "it does not carry this run's tag; it was left alone",
        fix: "Look at the snapshot and its tags; delete it by hand if nobody needs it.")
    }
    do {
      _ = try await aws.send(DeleteDBSnapshot(identifier: identity.identifier), context)
      return .waiting(Progress("deleting"))
    } catch let error as AWSError where error.code == "InvalidDBSnapshotState" {
      return .waiting(Progress("\(snapshot.status), cannot be deleted yet"))
    } catch let error as AWSError where error.mayHaveTakenEffect {
      return .waiting(Progress("deleting, unconfirmed"))
    }
  }

  private static func identity(of snapshot: DBSnapshot) -> Identity {
    Identity(identifier: snapshot.identifier, arn: snapshot.arn ?? snapshot.identifier)
  }

  private func notASnapshot(_ point: RDSRecoveryPoint) -> Problem {
    Problem(
      "there is no snapshot to copy", on: point.name, because: "the recovery point is none",
      fix: "This is a defect of this program: please report it.")
  }

  private struct Untagged: Encodable {
    let identifier: String
    let source: String
    let kmsKey: String?
  }
}
