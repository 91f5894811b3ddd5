import BucketComparison
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Copies what a comparison found missing or older from one bucket to the other.
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

  typealias Output = CopyState

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
    let count = CopyOrder.kinds.reduce(0) { $0 + found.tally[$1] }
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
  ) async throws -> Observation<CopyState> {
    let list = FindingsList(intent.list)
    guard try await list.digest().sha256 == intent.sha256 else {
      throw Problem(
        "the list of findings is not the one that was approved", on: intent.list,
        because: "its SHA-256 is another", fix: "Run the plan again.")
    }
    let known = context.lastCheckpoint(as: CopyState.self) ?? CopyState()
    let ledger = CopyLedger(known, of: intent.count, context)
    do {
      try await copy(list, from: known.lines, ledger, context)
    } catch is TooManyRefused {
      throw try await refusal(ledger, context, next: "The step ended early; then retry it.")
    }
    try await giveUpTheRest(ledger, context)
    let state = await ledger.state
    try await ledger.mark()
    if state.kept > 0 {
      context.note(
        Finding(
          .exception,
          "\(copier.to.bucket) has something newer for \(state.kept.grouped) objects, which it keeps."
        ))
    }
    if state.refused.count > 0 {
      throw try await refusal(ledger, context, next: "The rest is copied; then retry the step.")
    }
    return .ready(state)
  }

  func unchanged(_ context: StepContext) async throws -> CopyState { CopyState() }

  private func copy(
    _ list: FindingsList, from done: Int, _ ledger: CopyLedger, _ context: StepContext
  ) async throws {
    var line = 0
    try await list.forEach { lines in
      let orders = lines.enumerated().map { (line + $0.offset, CopyOrder($0.element)) }
      line += lines.count
      _ = try await orders.filter { $0.0 >= done }.concurrentMap(width: Self.width) {
        [copier] line, order in
        guard await !ledger.isEnding else { return }
        do {
          try await ledger.end(line, copier.outcome(of: order, ledger, context))
        } catch let error where [.transient, .ambiguous].contains(Faults.classify(error)) {
          // Those that are under way may end: large ones have come far.
          await ledger.end(with: error)
        }
      }
      try await ledger.throwIfEnding()
    }
  }

  /// No line orders the object any more, as after a retry with another list.
  private func giveUpTheRest(_ ledger: CopyLedger, _ context: StepContext) async throws {
    for upload in await ledger.state.uploads {
      await PartsCopier(
        from: copier.from, to: copier.to, key: upload.key, uploads: ledger, context: context
      ).giveUpAny()
    }
  }

  private func refusal(
    _ ledger: CopyLedger, _ context: StepContext, next: String
  ) async throws -> Problem {
    let refused = await ledger.state.refused
    context.keep("refused", try JSONValue(encoding: refused.first))
    try await ledger.beginAgain()
    return refused.problem("could not be copied", on: copier.to.name, next: next)
  }
}

extension ObjectCopier {
  /// What becomes of a line; S3's refusal of one object is no end to the others.
  fileprivate func outcome(
    of order: CopyOrder?, _ ledger: CopyLedger, _ context: StepContext
  ) async throws -> CopyOutcome {
    guard let order else { return .unneeded }
    do {
      return try await copy(order, noting: ledger, context)
    } catch {
      guard let refused = RefusedObject(order.key, error) else { throw error }
      return .refused(refused)
    }
  }
}
