import Platform
import RunJournal
import StrictJSON

/// The one task that decides: what begins, what is given up, when the run is laid down.
struct ExecutionLoop {
  let executor: RunExecutor
  private let sender: AsyncStream<RunExecutor.Signal>.Continuation
  private var scheduler: Scheduler
  private(set) var running: [String: Task<Void, Never>] = [:]
  /// Steps under way that an operator asked to leave out: what to journal when they have let go.
  /// The request stays in the journal until then.
  private var skipping: [String: Skip] = [:]

  private struct Skip {
    let id: Int64
    let request: OperatorRequest
    let body: JSONValue
  }

  /// Why nothing new begins, once it is so.
  private var leaving: RunOutcome?
  /// Whether what is left is only cleanup: cancelled, or a drill that was asked to stop.
  private(set) var windingDown = false
  private var wasStopped = false

  init(executor: RunExecutor, sender: AsyncStream<RunExecutor.Signal>.Continuation) {
    self.executor = executor
    self.sender = sender
    windingDown = executor.log.isCancelled
    scheduler = executor.scheduler(running: [])
  }

  /// Takes up what an earlier process left: a cancelled run, and requests.
  mutating func begin() async throws {
    if windingDown { try await giveUpPending() }
    try await takeUpEarlierRequests()
  }

  mutating func run(_ signals: AsyncStream<RunExecutor.Signal>) async throws -> RunOutcome {
    try await advance()
    if let outcome = try await conclude() { return outcome }
    for await signal in signals {
      do {
        try await handle(signal)
        try await advance()
      } catch {
        await stopRunning()
        throw error
      }
      if let outcome = try await conclude() { return outcome }
    }
    return .interrupted
  }

  /// What was asked for while nobody executed the run. To pause it then asked for nothing.
  private mutating func takeUpEarlierRequests() async throws {
    for (id, request) in try await executor.log.requests() {
      if request.action == .pause {
        try await executor.log.forget(requests: [id])
      } else {
        try await takeUp(id, request)
      }
    }
  }

  /// A step may still be tried again; for anything else there is nothing left to do.
  private mutating func takeUpLateRequests() async throws -> Bool {
    let requests = try await executor.log.requests()
    for (id, request) in requests {
      if request.action == .retry || request.action == .skip {
        try await takeUp(id, request)
      } else {
        let text =
          "\(request.action.rawValue), asked for by \(request.by), came too late: every step had ended"
        try await executor.log.write(
          EventDraft(.finding, body: try JSONValue(encoding: Finding(.note, text))))
        try await executor.log.forget(requests: [id])
      }
    }
    return !requests.isEmpty
  }

  private mutating func takeUp(_ id: Int64, _ request: OperatorRequest) async throws {
    if try await handle(id, request) { try await executor.log.forget(requests: [id]) }
  }

  private mutating func handle(_ signal: RunExecutor.Signal) async throws {
    switch signal {
    case .stepEnded(let id, let result):
      running[id] = nil
      executor.bounds.end(id)
      try await settle(id, try result.get())
    case .requested(let id, let request): try await takeUp(id, request)
    case .personAsked: break
    case .leaseLost(let error): throw error
    case .expired(let bound):
      try await windDown(because: "the run took longer than its bound of \(bound.readable)")
    case .outlasted(let id): running[id]?.cancel()
    case .stop: try await stop()
    }
  }

  /// Takes note of a step that let go: at its end, or on the way when it was told to.
  private mutating func settle(_ id: String, _ end: StepRunner.End) async throws {
    let skip = skipping.removeValue(forKey: id)
    guard end == .interrupted else {
      scheduler.settle(id, as: executor.log.step(id).status)
      if let skip { try await takeUp(skip.id, skip.request) }
      return
    }
    if let skip {
      try await executor.log.write(EventDraft(.stepSkipped, step: id, body: skip.body))
      scheduler.settle(id, as: .skipped)
      try await executor.log.forget(requests: [skip.id])
    } else if windingDown, leaving == nil, executor.node(id)?.runsAlways != true {
      try await executor.log.write(
        EventDraft(.stepCancelled, step: id, body: ["reason": "the run was cancelled"]))
      scheduler.settle(id, as: .cancelled)
    }
  }

  /// The first request to stop ends a drill in good order and lays a restore down at the next
  /// checkpoint; the second leaves at once. Nothing is lost either way.
  private mutating func stop() async throws {
    if executor.isDrill, !wasStopped {
      try await windDown(because: "interrupted")
    } else {
      leave(.interrupted)
    }
    wasStopped = true
  }

  mutating func leave(_ outcome: RunOutcome) {
    leaving = outcome
    for task in running.values { task.cancel() }
  }

  mutating func windDown(because reason: String) async throws {
    guard !windingDown else { return }
    windingDown = true
    try await executor.log.write(EventDraft(.runCancelled, body: ["reason": .string(reason)]))
    try await giveUpPending()
    for (id, task) in running where executor.node(id)?.runsAlways != true { task.cancel() }
  }

  /// Looks at the journal afresh after steps were opened again or left out.
  mutating func reschedule() { scheduler = executor.scheduler(running: Set(running.keys)) }

  /// Lets a step under way go; that it was left out is journaled once it has.
  ///
  /// - Returns: false when it is asked to already.
  mutating func letGo(
    _ step: String, id: Int64, _ request: OperatorRequest, body: JSONValue
  ) -> Bool {
    guard skipping[step] == nil else { return false }
    skipping[step] = Skip(id: id, request: request, body: body)
    running[step]?.cancel()
    return true
  }

  /// Begins what can begin and gives up what cannot.
  private mutating func advance() async throws {
    guard leaving == nil else { return }
    try await giveUpBlocked()
    while running.count < executor.options.parallelism, let node = scheduler.next() {
      running[node.id] = executor.task(for: node, sender: sender)
    }
    if executor.options.detachesOnApproval, !running.isEmpty,
      running.keys.allSatisfy({ executor.node($0)?.policy.waitsForPerson == true }),
      running.keys.allSatisfy({ executor.log.step($0).waitingFor != nil })
    {
      leave(.waitingForApproval)
    }
  }

  /// Giving a step up blocks those behind it: goes on until nothing more is blocked.
  private mutating func giveUpBlocked() async throws {
    while true {
      let blocked = scheduler.takeBlocked()
      if blocked.isEmpty { return }
      try await giveUp(
        blocked.map { ($0.node.id, "it needs \($0.by), which did not succeed") })
    }
  }

  private mutating func giveUpPending() async throws {
    try await giveUp(
      scheduler.pending.filter { !$0.runsAlways }.map { ($0.id, "the run was cancelled") })
  }

  private mutating func giveUp(_ steps: [(id: String, reason: String)]) async throws {
    try await executor.log.write(
      steps.map {
        EventDraft(.stepCancelled, step: $0.id, body: ["reason": .string($0.reason)])
      })
    for step in steps { scheduler.settle(step.id, as: .cancelled) }
  }

  /// How the run leaves, when it does. At its end it looks once more for what was asked meanwhile.
  private mutating func conclude() async throws -> RunOutcome? {
    while let outcome = outcome() {
      guard outcome == .finished, try await takeUpLateRequests() else { return outcome }
      try await advance()
    }
    return nil
  }

  private func outcome() -> RunOutcome? {
    guard running.isEmpty else { return nil }
    if let leaving { return leaving }
    return scheduler.unended == 0 ? .finished : nil
  }

  private mutating func stopRunning() async {
    for task in running.values { task.cancel() }
    for task in running.values { await task.value }
    running = [:]
  }
}
