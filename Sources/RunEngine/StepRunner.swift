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
  let bound: StepBound
  let classify: @Sendable (any Error) -> FaultClass
  /// Told when the step begins to wait for a person.
  let asks: @Sendable () -> Void

  private var time: any TimeSource { context.time }
  private var ending: StepEnding { StepEnding(node: node, log: log, context: context) }

  /// - Throws: only what stops the whole run: a journal that cannot be written, a lost lease.
  func run() async throws -> End {
    var account = TimeAccount(time: time, waitsForPerson: node.policy.waitsForPerson)
    var attempt = log.step(node.id).attempts
    var tries = 0
    while true {
      attempt += 1
      tries += 1
      try await log.write(EventDraft(.stepStarted, step: node.id, attempt: attempt))
      let output: JSONValue
      do {
        output = try await perform(attempt: attempt, account: &account)
      } catch is CancellationError {
        guard bound.isOver(time.now()) else { return try await interrupted() }
        try await ending.fail(brokenOff, attempt: attempt, account: account)
        return .ended
      } catch let error as JournalStopped {
        throw error.cause
      } catch {
        guard canRetry(after: error, tries: tries), bound.mayBegin(time.now()) else {
          try await ending.fail(error, attempt: attempt, account: account)
          return .ended
        }
        try await ending.retry(after: error, attempt: attempt)
        do {
          let pause = Pacing.retry(after: tries, random: context.random)
          try await account.pause(.retry, for: min(pause, bound.rest(time.now())))
        } catch { return try await interrupted() }
        continue
      }
      try await ending.succeed(output, attempt: attempt, account: account)
      return .ended
    }
  }

  private func interrupted() async throws -> End {
    try await ending.interrupt()
    return .interrupted
  }

  /// What a step comes to that was still at a call, or in the middle of a long look, when its time was over.
  private var brokenOff: StepTimedOut {
    let known = log.step(node.id)
    return StepTimedOut(
      step: node.id, timeout: node.policy.timeout, last: known.waitingFor?.state,
      goesOn: known.checkpoint != nil)
  }

  private func canRetry(after error: any Error, tries: Int) -> Bool {
    if let spent = error as? SpentEffect { return log.step(node.id).spent.count < spent.allowance }
    let fault = error is RefusedEffect ? .refused : classify(error)
    return fault != .final && fault != .refused && tries < node.policy.attempts
  }

  private func perform(
    attempt: Int, account: inout TimeAccount
  ) async throws -> JSONValue {
    switch node.body {
    case .observing(let look):
      return try await wait(attempt: attempt, account: &account) {
        try await look(context)
      }
    case .changing(let change):
      return try await perform(change, attempt: attempt, account: &account)
    case .removing(let removal):
      var look = RemovalLook(removal: removal, log: log, context: context)
      return try await wait(attempt: attempt, account: &account) { try await look.next() }
    }
  }

  private func perform(
    _ change: ErasedChange, attempt: Int, account: inout TimeAccount
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
    return try await wait(attempt: attempt, account: &account) {
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
    var drafts = try ending.notesSoFar()
    drafts.append(
      EventDraft(
        .effectIntended, step: node.id, attempt: attempt,
        body: ["intent": intent, "request_sha256": .string(digest)]))
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
    try await writeOrStop(
      try ending.notesSoFar() + [
        EventDraft(
          .effectConfirmed, step: node.id, attempt: attempt,
          body: ["identity": identity, "adopted": .bool(isAdopted)])
      ])
  }

  /// Looks until the end is reached. A look that fails in a way that may go away is no end: the
  /// thing waited for goes on all the same.
  private func wait(
    attempt: Int, account: inout TimeAccount,
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
      let now = time.now()
      guard bound.mayBegin(now) else {
        throw StepTimedOut(step: node.id, timeout: node.policy.timeout, last: progress.state)
      }
      let pause = Pacing.poll(after: looks, random: context.random)
      try await account.pause(.poll, for: min(pause, bound.rest(now)))
    }
  }

  /// A journal that cannot be written stops the run, not just the step: nothing may happen unseen.
  private func writeOrStop(_ drafts: [EventDraft]) async throws {
    do { try await log.write(drafts) } catch { throw JournalStopped(cause: error) }
  }
}

/// Carries a failure of the journal past the handling of the step's own errors.
struct JournalStopped: Error {
  let cause: any Error
}
