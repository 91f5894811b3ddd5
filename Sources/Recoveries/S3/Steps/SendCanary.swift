import AWSClient
import BucketComparison
import Cryptography
import Platform
import RunEngine
import RunJournal
import Synchronization

/// Writes a small object at the source and waits until it reads back the same at the replica: the time
/// this takes is what an outage would cost, measured.
struct SendCanary: RemovableStep {
  static let kind = "s3.canary"
  static let phase = StepPhase.verify
  /// The folder that canaries are in.
  static let folder = ".mosaic-dr-canary"

  struct Intent: Codable, Sendable, Equatable {
    let key: String
    let content: String
    let tags: [String: String]
  }

  struct Identity: Codable, Sendable, Equatable {
    let key: String
    let version: String?
    let contentDigest: String
    /// When it was written, by the service's clock.
    let writtenAt: Timestamp
  }

  struct Output: Codable, Sendable {
    let key: String
    let milliseconds: Int64

    enum CodingKeys: String, CodingKey {
      case key
      case milliseconds = "replicated_after_ms"
    }
  }

  let source: S3Side
  let replica: S3Side
  let prefix: String
  let tags: RunTags
  let bucketsStep: String
  let replicationStep: String
  private let watch = CanaryWatch()

  /// How many canaries that arrived unseen are followed by another.
  private static let allowance = 5

  var summary: String { "send a canary from \(source.bucket) to \(replica.bucket)" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete the canary from both buckets" }
  var made: String { "a canary object in \(source.name) and \(replica.name)" }
  var cost: String { "It costs next to nothing, but it is in the way of who lists the buckets." }
  var appearsWithin: Duration { .seconds(60) }

  /// What a rule's prefix adds to the plan's is known only when the rules have been read.
  private var plannedKey: String { "\(prefix)<rest of the prefix>\(Self.folder)/<run>" }
  var calls: [PlannedCall] {
    [
      source.plan(
        PutSmallObject(
          bucket: source.bucket, key: plannedKey, content: [],
          tags: ["mosaic-dr:run": "<run>"])),
      source.plan(GetSmallObject(bucket: source.bucket, key: plannedKey)),
      replica.plan(GetSmallObject(bucket: replica.bucket, key: plannedKey)),
      replica.plan(
        GetObjectTagging(S3ObjectName(bucket: replica.bucket, key: plannedKey))),
    ]
  }
  var removalCalls: [PlannedCall] {
    [source, replica].flatMap { side in
      [
        side.plan(HeadObject(bucket: side.bucket, key: plannedKey)),
        side.plan(GetSmallObject(bucket: side.bucket, key: plannedKey)),
        side.aws.plan(
          DeleteObject(bucket: side.bucket, key: plannedKey, version: "<version>")),
      ]
    }
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let buckets = try context.output(of: bucketsStep, as: CheckBuckets.Output.self).buckets
    if let locked = buckets.first(where: { $0.retention != nil }) { throw undeletable(locked) }
    let rules = try context.output(of: replicationStep, as: CheckReplication.Output.self).rules
    // A canary proves the path of a rule only when the rule covers it, tags and all.
    let covering = rules.rules.first { $0.prefix.hasPrefix(prefix) || prefix.hasPrefix($0.prefix) }
    let stem = covering.map { $0.prefix.count > prefix.count ? $0.prefix : prefix } ?? prefix
    let content = "mosaic-dr canary of run \(context.run), step \(context.step)\n"
    let earlier = context.spentEffects
    return Intent(
      key: "\(stem)\(Self.folder)/\(context.run)\(earlier > 0 ? "-\(earlier + 1)" : "")",
      content: content,
      tags: try (covering?.tags ?? [:]).merging(
        tags.tags(OwnershipProof(of: content, context), context)
      ) { rule, _ in rule }.limited(to: 10, keeping: covering?.tags ?? [:]))
  }

  private func undeletable(_ bucket: CheckBuckets.Settings) -> Problem {
    Problem(
      "a canary could not be deleted again", on: bucket.bucket,
      because: "its Object Lock keeps each new object for \(bucket.retention ?? "")",
      fix: "Write canary: false in the plan.")
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    guard let found = try await read(intent.key, source, context) else { return .absent }
    guard found.content == Array(intent.content.utf8) else {
      return .foreign("object \(intent.key) in \(source.name)")
    }
    return .ours(
      identity(intent, version: found.head.version, at: found.head.modified ?? now(context)))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    let writtenAt = now(context)
    watch.saw(intent.key)
    let version = try await source.aws.send(
      PutSmallObject(
        bucket: source.bucket, key: intent.key, content: Array(intent.content.utf8),
        tags: intent.tags), context)
    return identity(intent, version: version, at: writtenAt)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<Output> {
    let lag = now(context) - identity.writtenAt
    guard let content = try await read(identity.key, replica, context)?.content else {
      watch.saw(identity.key)
      return .waiting(Progress("not at the replica yet", isNear: true))
    }
    guard watch.isWatched(identity.key) else { throw arrivedUnseen(identity) }
    guard content == Array(intent.content.utf8) else {
      throw changed(
        identity,
        because: "\(content.count) bytes were read, and \(intent.content.utf8.count) were written")
    }
    let tags = try await replica.aws.send(
      GetObjectTagging(S3ObjectName(bucket: replica.bucket, key: identity.key)), context)
    guard tags == intent.tags else {
      let lost = intent.tags.keys.filter { tags[$0] != intent.tags[$0] }.sorted()
      throw changed(
        identity,
        because:
          "its tags are others: \(lost.isEmpty ? "some were added" : lost.joined(separator: ", "))")
    }
    context.note(
      Moment(
        .lastCommitted, of: context.component, at: context.incident - lag, evidence: .measured,
        source: "a canary took \(lag.readable) to the replica"))
    return .ready(Output(key: identity.key, milliseconds: lag.wholeMilliseconds))
  }

  /// The service's clock, which also says when an object was written.
  private func now(_ context: StepContext) -> Timestamp {
    context.time.now().wall + source.aws.client.clockOffset
  }

  /// Nobody looked between its way and its arrival, as when the process was dead: how long it took is not known.
  private func arrivedUnseen(_ identity: Identity) -> SpentEffect {
    SpentEffect(
      Problem(
        "a canary arrived while nobody watched", on: "\(identity.key) in \(replica.name)",
        because:
          "the process that sent it had ended: the time until now is no lag of the replication",
        fix: "Retry the step: it sends another one."),
      allowance: Self.allowance)
  }

  private func changed(_ identity: Identity, because reason: String) -> Problem {
    Problem(
      "the replica holds something else", on: "\(identity.key) in \(replica.name)",
      because: reason, fix: "Find out what changes objects between the buckets.")
  }

  func unchanged(_ context: StepContext) async throws -> Output {
    Output(key: "", milliseconds: 0)
  }

  /// The source first: what it still has could come to the replica again.
  func remove(
    _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    var isThere = false
    for side in [source, replica] {
      guard let head = try await side.head(identity.key, context) else { continue }
      isThere = true
      guard let content = try await read(identity.key, side, context)?.content else { continue }
      guard SHA256.digest(of: content).hex == identity.contentDigest else {
        throw Problem(
          "an object is not the canary of this run", on: "\(identity.key) in \(side.name)",
          because: "it has other content; it was left alone",
          fix: "Look at the object; delete it by hand if nobody needs it.")
      }
      try await side.aws.send(
        DeleteObject(
          bucket: side.bucket, key: identity.key,
          version: head.version == "null" ? nil : head.version), context)
    }
    return isThere
      ? .waiting(Progress("deleting the canary", isNear: true)) : .ready(Removed(what: made))
  }

  private func identity(_ intent: Intent, version: String?, at moment: Timestamp) -> Identity {
    Identity(
      key: intent.key, version: version,
      contentDigest: SHA256.digest(of: Array(intent.content.utf8)).hex, writtenAt: moment)
  }

  private func read(
    _ key: String, _ side: S3Side, _ context: StepContext
  ) async throws -> S3SmallObject? {
    try await side.found(
      GetSmallObject(bucket: side.bucket, key: key), absentWhen: ["NoSuchKey", "NotFound"], context)
  }
}

/// Which canaries this process has seen on their way: sent them, or found them not to be there yet. Only then is the
/// time until they are there the replication's own.
private final class CanaryWatch: Sendable {
  private let seen = Mutex<Set<String>>([])

  func saw(_ key: String) { seen.withLock { _ = $0.insert(key) } }

  func isWatched(_ key: String) -> Bool { seen.withLock { $0.contains(key) } }
}

extension [String: String] {
  /// An object has at most ten tags (API Reference, "PutObjectTagging").
  fileprivate func limited(to count: Int, keeping needed: [String: String]) -> [String: String] {
    let own = OwnershipTags.run
    let order = keys.sorted { left, right in
      let rank = { (key: String) in needed[key] != nil ? 0 : key == own ? 1 : 2 }
      return (rank(left), left) < (rank(right), right)
    }
    return order.prefix(count).reduce(into: [:]) { $0[$1] = self[$1] }
  }
}
