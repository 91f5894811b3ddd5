import AWSClient
import Platform
import RunEngine
import RunJournal

@testable import Recoveries

/// Puts a notice for the status page into a bucket while a recovery is under way.
struct PutNotice: RemovableStep {
  static let kind = "notice.put"
  static let phase = StepPhase.prepare

  struct Intent: Codable, Sendable {
    let content: String
  }

  struct Identity: Codable, Sendable {
    let content: String
    let version: String?
  }

  struct Output: Codable, Sendable {
    let key: String
  }

  let aws: AWSAccess
  let bucket: String
  let key: String

  var summary: String { "put the notice \(key) into \(bucket)" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "take the notice \(key) away again" }
  var made: String { "object \(key) in \(bucket) in \(aws.region)" }
  var cost: String { "It costs next to nothing, but tells users what is no longer so." }
  var appearsWithin: Duration { .seconds(5) }

  private var look: PlannedCall { aws.plan(GetSmallObject(bucket: bucket, key: key)) }
  var calls: [PlannedCall] {
    [look, aws.plan(PutSmallObject(bucket: bucket, key: key, content: [], tags: [:]))]
  }
  var removalCalls: [PlannedCall] { [look, aws.plan(DeleteObject(bucket: bucket, key: key))] }

  func prepare(_ context: StepContext) async throws -> Intent? {
    // S3 overwrites without a word.
    guard try await read(context) == nil else {
      throw Problem(
        "there is a notice already", on: made, because: "somebody else put it there",
        fix: "Take it away if it is no longer so; then retry this step.")
    }
    return Intent(content: "Recovery \(context.run) is under way since \(context.incident).\n")
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    guard let found = try await read(context) else { return .absent }
    guard found.content == Array(intent.content.utf8) else { return .foreign(made) }
    return .ours(Identity(content: intent.content, version: found.head.version))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    let version = try await aws.send(
      PutSmallObject(
        bucket: bucket, key: key, content: Array(intent.content.utf8), tags: [:]), context)
    return Identity(content: intent.content, version: version)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<Output> {
    guard try await read(context) != nil else { return .waiting(Progress("not there yet")) }
    return .ready(Output(key: key))
  }

  func unchanged(_ context: StepContext) async throws -> Output { Output(key: key) }

  func remove(_ identity: Identity, _ context: StepContext) async throws -> Observation<Removed> {
    guard let found = try await read(context) else { return .ready(Removed(what: made)) }
    guard found.content == Array(identity.content.utf8) else {
      throw Problem(
        "the notice is not the one this run put there", on: made,
        because: "it says something else; it was left alone",
        fix: "Look at it; delete it by hand if nobody needs it.")
    }
    try await aws.send(DeleteObject(bucket: bucket, key: key), context)
    return .waiting(Progress("deleting", isNear: true))
  }

  private func read(_ context: StepContext) async throws -> S3SmallObject? {
    do {
      return try await aws.send(GetSmallObject(bucket: bucket, key: key), context)
    } catch let error as AWSError where error.code == "NoSuchKey" {
      return nil
    }
  }
}
