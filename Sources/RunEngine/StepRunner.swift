import Cryptography
import Platform
import RunJournal
import StrictJSON

/// Takes one step from wherever the journal says it stands to its end.
struct StepRunner: Sendable {
  /// How a step left the runner.
  enum End: Sendable {
    /// A terminal event is journaled.
    case ended
    /// The run is being laid down; the step goes on from its checkpoint next time.
    case interrupted
  }

  let node: StepNode
  let log: RunLog
  let context: StepContext
  let classify: @Sendable (any Error) -> FaultClass
  /// Told when the step begins to wait for a person.
  let asks: @Sendable () -> Void

  private var time: any TimeSource { context.time }

  /// - Throws: only what stops the whole run: a journal that cannot be written, a lost lease.
  func run() async throws -> End {
    var account = TimeAccount(time: time, waitsForPerson: node.policy.waitsForPerson)
    let deadline = time.now().sinceBoot + node.policy.timeout.wholeNanoseconds
    var attempt = log.step(node.id).attempts
    var tries = 0
    while true {
      attempt += 1
      tries += 1
      try await log.write(EventDraft(.stepStarted, step: node.id, attempt: attempt))
      let output: JSONValue
      do {
        output = try await perform(attempt: attempt, deadline: deadline, account: &account)
      } catch is CancellationError {
        return .interrupted
      } catch let error as JournalStopped {
        throw error.cause
      } catch {
        guard canRetry(after: error, tries: tries), time.now().sinceBoot < deadline else {
          try await end(.stepFailed, with: error, attempt: attempt, account: account)
          return .ended
        }
        try await log.write(
          EventDraft(
            .stepRetrying, step: node.id, attempt: attempt,
            body: .object(try failure(error))))
        do {
          try await account.pause(.retry, for: Pacing.retry(after: tries, random: context.random))
        } catch { return .interrupted }
        continue
      }
      try await succeed(output, attempt: attempt, account: account)
      return .ended
    }
  }

  private func canRetry(after error: any Error, tries: Int) -> Bool {
    if let spent = error as? SpentEffect { return log.step(node.id).spent.count < spent.allowance }
    let fault = error is RefusedEffect ? .refused : classify(error)
    return fault != .final && fault != .refused && tries < node.policy.attempts
  }

  private func perform(
    attempt: Int, deadline: Int64, account: inout TimeAccount
  ) async throws -> JSONValue {
    switch node.body {
    case .observing(let look):
      return try await wait(attempt: attempt, deadline: deadline, account: &account) {
        try await look(context)
      }
    case .changing(let change):
      return try await perform(change, attempt: attempt, deadline: deadline, account: &account)
    case .removing(let removal):
      var wasSeen = false
      return try await wait(attempt: attempt, deadline: deadline, account: &account) {
        try await remove(removal, wasSeen: &wasSeen)
      }
    }
  }

  private func perform(
    _ change: ErasedChange, attempt: Int, deadline: Int64, account: inout TimeAccount
  ) async throws -> JSONValue {
    let known = log.step(node.id)
    let intent: JSONValue
    if let journaled = known.intent {
      intent = journaled
    } else {
      let decided = try await account.call {
        try await work { try await change.prepare(context) }
      }
      guard let decided else { return try await change.unchanged(context) }
      intent = decided
      try await writeIntent(intent, attempt: attempt)
    }
    let identity: JSONValue
    if let journaled = known.identity {
      identity = journaled
    } else {
      // An intent from an earlier attempt or process may have taken effect unseen.
      let mayExist = known.intent != nil
      identity = try await account.call {
        try await establish(intent, change, lookFirst: mayExist, attempt: attempt)
      }
    }
    return try await wait(attempt: attempt, deadline: deadline, account: &account) {
      try await change.observe(intent, identity, context)
    }
  }

  /// Runs what a step does itself: beside the engine's bookkeeping, unless it would hold that up.
  private func work<Result>(_ body: () async throws -> Result) async throws -> Result {
    guard node.isComputing else { return try await body() }
    return try await withTaskExecutorPreference(globalConcurrentExecutor) { try await body() }
  }

  private func writeIntent(_ intent: JSONValue, attempt: Int) async throws {
    let digest = SHA256.digest(of: try intent.canonicalBytes()).hex
    var drafts = [
      EventDraft(
        .effectIntended, step: node.id, attempt: attempt,
        body: ["intent": intent, "request_sha256": .string(digest)])
    ]
    if log.isFirstAction() {
      let moment = Moment(
        .firstAction, at: time.now().wall, evidence: .measured, source: "intent of \(node.id)")
      drafts.append(EventDraft(.moment, step: node.id, body: try JSONValue(encoding: moment)))
    }
    try await writeOrStop(drafts)
  }

  /// Makes the effect exist exactly once and journals its identity.
  private func establish(
    _ intent: JSONValue, _ change: ErasedChange, lookFirst: Bool, attempt: Int
  ) async throws -> JSONValue {
    if lookFirst, let found = try await existing(intent, change) {
      try await confirm(found, isAdopted: true, attempt: attempt)
      return found
    }
    // A cancellation must not tear the call from the record of what it made: both run to their end
    // in a task of their own, which is bounded by the call's timeout.
    let made = Task { () throws -> JSONValue in
      do {
        let identity = try await change.apply(intent, context)
        try await confirm(identity, isAdopted: false, attempt: attempt)
        return identity
      } catch let error where classify(error) == .refused && !lookFirst {
        // Nothing was asked for before: nothing can have come of it.
        throw RefusedEffect(cause: error)
      } catch let error where classify(error) == .ambiguous {
        guard let found = try await existing(intent, change) else { throw error }
        try await confirm(found, isAdopted: true, attempt: attempt)
        return found
      }
    }
    return try await made.value
  }

  private func existing(_ intent: JSONValue, _ change: ErasedChange) async throws -> JSONValue? {
    switch try await change.find(intent, context) {
    case .absent: return nil
    case .ours(let identity): return identity
    case .foreign(let what): throw ForeignResource(step: node.id, what: what)
    }
  }

  private func confirm(_ identity: JSONValue, isAdopted: Bool, attempt: Int) async throws {
    try await writeOrStop([
      EventDraft(
        .effectConfirmed, step: node.id, attempt: attempt,
        body: ["identity": identity, "adopted": .bool(isAdopted)])
    ])
  }

  /// Goes one step towards removal; also of what was made by a process that died before it could
  /// note it. That a thing does not show proves nothing until it has been seen once, or had its time
  /// to appear.
  private func remove(
    _ removal: Removal, wasSeen: inout Bool
  ) async throws -> Observation<JSONValue> {
    let made = log.step(removal.record.of)
    for identity in made.spent {
      let end = try await removal.remove(identity, context)
      if case .waiting = end { return end }
    }
    guard let intent = made.intent, let attempted = made.attemptedAt else {
      let removed =
        made.spent.isEmpty
        ? Removed.nothing(because: "it was never made") : Removed(what: removal.record.what)
      return .ready(try JSONValue(encoding: removed))
    }
    let wasRefused = made.failure?[RefusedEffect.key] == true && made.identity == nil
    if wasRefused {
      return .ready(try JSONValue(encoding: Removed.nothing(because: "the call was refused")))
    }
    wasSeen = wasSeen || made.output != nil
    let mayAppear = !wasSeen && time.now().wall - attempted.wall < removal.appearsWithin
    let doubt = Progress("making sure that nothing comes of an interrupted call")
    var known = made.identity
    if known == nil, case .ours(let found) = try await removal.find(intent, context) {
      known = found
      wasSeen = true
    }
    guard let identity = known else {
      return mayAppear
        ? .waiting(doubt)
        : .ready(try JSONValue(encoding: Removed.nothing(because: "it was never made")))
    }
    switch try await removal.remove(identity, context) {
    case .waiting(let progress):
      wasSeen = true
      return .waiting(progress)
    case .ready(let output):
      // A reason says that the step knows for certain that there is nothing.
      let isDoubtful = mayAppear && !wasSeen && output["reason"] == nil
      return isDoubtful ? .waiting(doubt) : .ready(output)
    }
  }

  /// Looks until the end is reached. A look that fails in a way that may go away is no end: the
  /// thing waited for goes on all the same.
  private func wait(
    attempt: Int, deadline: Int64, account: inout TimeAccount,
    for look: () async throws -> Observation<JSONValue>
  ) async throws -> JSONValue {
    var looks = 0
    var last: Progress?
    while true {
      let progress: Progress
      do {
        switch try await account.call({ try await work(look) }) {
        case .ready(let output):
          account.foundReady()
          return output
        case .waiting(let waiting): progress = waiting
        }
      } catch let error where last != nil && classify(error) == .transient {
        progress = Progress("cannot be asked: \(StepFailure(error).reason)")
      }
      if progress != last {
        let body = try JSONValue(encoding: progress)
        var drafts = [EventDraft(.stepWaiting, step: node.id, attempt: attempt, body: body)]
        if last == nil, node.policy.waitsForPerson {
          drafts.insert(EventDraft(.approvalRequested, step: node.id, body: body), at: 0)
        }
        try await writeOrStop(drafts)
        if last == nil, node.policy.waitsForPerson { asks() }
        last = progress
      }
      looks = progress.isNear ? 1 : looks + 1
      let now = time.now().sinceBoot
      guard now < deadline else {
        throw StepTimedOut(step: node.id, timeout: node.policy.timeout, last: progress.state)
      }
      let pause = min(
        Pacing.poll(after: looks, random: context.random), .nanoseconds(deadline - now))
      try await account.pause(.poll, for: pause)
    }
  }

  private func succeed(
    _ output: JSONValue, attempt: Int, account: TimeAccount
  ) async throws {
    let notes = context.takeNotes()
    let success = StepSuccess(
      output: output, evidence: .object(notes.evidence), timing: account.timing)
    try await log.write(
      try drafts(of: notes) + [
        EventDraft(
          .stepSucceeded, step: node.id, attempt: attempt, body: try JSONValue(encoding: success))
      ])
  }

  private func end(
    _ type: EventType, with error: any Error, attempt: Int, account: TimeAccount
  ) async throws {
    let notes = context.takeNotes()
    var body = try failure(error)
    body["evidence"] = .object(notes.evidence)
    body["timing"] = try JSONValue(encoding: account.timing)
    try await log.write(
      try drafts(of: notes) + [
        EventDraft(type, step: node.id, attempt: attempt, body: .object(body))
      ])
  }

  /// Why an attempt failed, and what that means for its effect.
  private func failure(_ error: any Error) throws -> JSONObject {
    let refused = error as? RefusedEffect
    let spent = error as? SpentEffect
    let cause = refused?.cause ?? spent?.cause ?? error
    var body = try JSONValue(encoding: StepFailure(cause)).objectValue ?? [:]
    if refused != nil { body[RefusedEffect.key] = true }
    if spent != nil { body[SpentEffect.key] = true }
    return body
  }

  private func drafts(of notes: StepContext.Notes) throws -> [EventDraft] {
    try notes.moments.map {
      EventDraft(.moment, step: node.id, body: try JSONValue(encoding: $0))
    }
      + notes.findings.map {
        EventDraft(.finding, step: node.id, body: try JSONValue(encoding: $0))
      }
  }

  /// A journal that cannot be written stops the run, not just the step: nothing may happen unseen.
  private func writeOrStop(_ drafts: [EventDraft]) async throws {
    do { try await log.write(drafts) } catch { throw JournalStopped(cause: error) }
  }
}

/// The one call for an effect was refused, so that there is no effect to look for.
struct RefusedEffect: Error {
  /// The key in the body of the step's end that says so.
  static let key = "without_effect"

  let cause: any Error
}

/// Carries a failure of the journal past the handling of the step's own errors.
struct JournalStopped: Error {
  let cause: any Error
}
