import BucketComparison
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Copies what a comparison found missing or different from one bucket to the other.
struct CopyObjects: ChangingStep {
  static let kind = "s3.copy"
  static let phase = StepPhase.recover
  /// How many objects are copied at the same time.
  static let width = 10

  struct Intent: Codable, Sendable, Equatable {
    let list: String
    let sha256: String
    let count: Int
  }

  struct Identity: Codable, Sendable, Equatable {
    let list: String
  }

  /// How far it has come.
  struct State: Codable, Sendable {
    /// How many lines of the list are done.
    var lines = 0
    var objects = 0
    var bytes: Int64 = 0
  }

  typealias Output = State

  let copier: ObjectCopier
  let comparisonStep: String
  /// What the comparison was of; everything when there is none.
  let prefixes: [String]

  var summary: String {
    "copy what \(copier.to.bucket) lacks from \(copier.from.bucket)"
  }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "objects in \(copier.to.name), from \(copier.from.name)")]
  }
  var calls: [PlannedCall] {
    SyncByHand(from: copier.from, to: copier.to, prefixes: prefixes).copying
      + copier.calls.map { $0.byProgramAlone() }
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let found = try context.output(of: comparisonStep, as: CompareBuckets.Output.self)
    let count =
      found.tally[.missing] + found.tally[.stale] + found.tally[.failed]
      + found.tally[.different]
    guard count > 0, let list = found.list, let sha256 = found.sha256 else { return nil }
    return Intent(list: list, sha256: sha256, count: count)
  }

  /// Copying looks at each object first, so that it can always begin again.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<Identity> {
    .ours(Identity(list: intent.list))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> Identity {
    Identity(list: intent.list)
  }

  func observe(
    _ intent: Intent, _ identity: Identity, _ context: StepContext
  ) async throws -> Observation<State> {
    let list = FindingsList(intent.list)
    guard try await list.digest().sha256 == intent.sha256 else {
      throw Problem(
        "the list of findings is not the one that was approved", on: intent.list,
        because: "its SHA-256 is another", fix: "Run the plan again.")
    }
    var state = context.lastCheckpoint(as: State.self) ?? State()
    var line = 0
    try await list.forEach { lines in
      let rest = lines.dropFirst(max(0, state.lines - line))
      line += lines.count
      guard !rest.isEmpty else { return }
      let done = try await Array(rest).compactMap(Self.key).concurrentMap(width: Self.width) {
        [copier] key in try await copier.copy(key, context)
      }.compactMap { $0 }
      state.lines = line
      state.objects += done.count
      state.bytes += done.reduce(0, +)
      try await context.checkpoint(
        state, Progress("\(state.objects.grouped) of \(intent.count.grouped) copied", isNear: true))
    }
    return .ready(state)
  }

  func unchanged(_ context: StepContext) async throws -> State { State() }

  /// The key of a line that says that the replica should have it.
  static func key(_ line: JSONValue) -> String? {
    let kinds: [DifferenceKind] = [.missing, .stale, .failed, .different]
    guard let kind = line["kind"]?.stringValue, kinds.map(\.rawValue).contains(kind),
      line["source"]?["delete_marker"] == nil
    else { return nil }
    return line["key"]?.stringValue
  }
}
