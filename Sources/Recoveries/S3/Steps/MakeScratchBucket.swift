import AWSClient
import Platform
import RunEngine
import RunJournal

/// Makes a bucket in which a drill proves that objects can be brought back; it is deleted at the end,
/// with what is in it.
struct MakeScratchBucket: RemovableStep {
  static let kind = "s3.scratch"
  static let phase = StepPhase.recover
  /// The longest name of a bucket (S3 User Guide, "Bucket naming rules").
  private static let longestName = 63

  struct Intent: Codable, Sendable {
    let bucket: String
    let tags: [String: String]
    let proof: OwnershipProof
  }

  struct Identity: Codable, Sendable {
    let bucket: String
    let proof: OwnershipProof
  }

  struct Output: Codable, Sendable {
    let bucket: String
  }

  let side: S3Side
  let runTags: RunTags

  /// The name of any drill's bucket, for those who read what may be called.
  static let plannedName = "<bucket>-drill-<run>"

  /// The name of a drill's bucket: of the bucket that a restore would fill, and the run.
  static func name(for target: String, run: ULID) -> String {
    let suffix = "-drill-\(run.shortForm)"
    return target.prefix(longestName - suffix.utf8.count) + suffix
  }

  var summary: String { "make bucket \(side.bucket) to bring objects back into" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete bucket \(side.bucket) and what is in it" }
  var made: String { "bucket \(side.name)" }
  var cost: String { "S3 bills what is in it by the gigabyte and month until it is deleted." }
  var appearsWithin: Duration { .seconds(60) }
  var calls: [PlannedCall] {
    [
      side.aws.plan(GetBucketTagging(bucket: side.bucket)),
      side.aws.plan(
        CreateBucket(bucket: side.bucket, region: side.aws.region, tags: runTags.planned)),
    ]
  }
  var removalCalls: [PlannedCall] { side.removalCalls }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let proof = try OwnershipProof(of: [side.bucket, side.aws.region], context)
    return Intent(bucket: side.bucket, tags: runTags.tags(proof, context), proof: proof)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    guard let tags = try await tags(context) else { return .absent }
    guard intent.proof.holds(for: tags, run: context.run) else { return .foreign(made) }
    return .ours(Identity(bucket: intent.bucket, proof: intent.proof))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    try await side.aws.send(
      CreateBucket(bucket: intent.bucket, region: side.aws.region, tags: intent.tags), context)
    return Identity(bucket: intent.bucket, proof: intent.proof)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<Output> {
    try await tags(context) == nil
      ? .waiting(Progress("not visible yet", isNear: true)) : .ready(Output(bucket: side.bucket))
  }

  func unchanged(_ context: StepContext) async throws -> Output { Output(bucket: side.bucket) }

  /// A page of versions at a time, and the bucket when there are none left.
  func remove(_ identity: Identity, _ context: StepContext) async throws -> Observation<Removed> {
    guard let tags = try await tags(context) else { return .ready(Removed(what: made)) }
    guard identity.bucket == side.bucket, identity.proof.holds(for: tags, run: context.run) else {
      throw Problem(
        "a bucket is not removed, since it may not be this run's", on: made,
        because: "its tags do not name this run and what it asked for",
        fix: "Find out whose it is, and remove it by hand if it is not needed.")
    }
    let removal = BucketRemoval(
      bucket: side.bucket, listing: side.listing(context),
      deleteObject: { [side] in try await side.aws.send($0, context) },
      deleteBucket: { [side] in try await side.aws.send($0, context) })
    let deleted = try await removal.advance()
    return .waiting(
      Progress(
        deleted == 0 ? "deleting the bucket" : "\(deleted.grouped) versions deleted", isNear: true))
  }

  /// Nil when there is no such bucket.
  private func tags(_ context: StepContext) async throws -> [String: String]? {
    do {
      return try await side.found(
        GetBucketTagging(bucket: side.bucket), absentWhen: ["NoSuchBucket"], context)
    } catch let error as AWSError where error.code == "NoSuchTagSet" {
      return [:]
    }
  }
}
