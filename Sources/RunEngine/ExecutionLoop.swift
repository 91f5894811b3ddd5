import Platform
import RunJournal
import StrictJSON

/// The one task that decides: what begins, what is given up, when the run is laid down.
struct ExecutionLoop {
  private let executor: RunExecutor
  private let sender: AsyncStream<RunExecutor.Signal>.Continuation
  private var running: [String: Task<Void, Never>] = [:]
  /// Why nothing new begins, once it is so.
  private var leaving: RunOutcome?
  /// Whether what is left is only cleanup: cancelled, or a drill that was asked to stop.
  private var windingDown = false
  private var wasStopped = false

  init(executor: RunExecutor, sender: AsyncStream<RunExecutor.Signal>.Continuation) {
    self.executor = executor
    self.sender = sender
    windingDown = executor.state.isCancelled
  }

  mutating func run(_ signals: AsyncStream<RunExecutor.Signal>) async throws -> RunOutcome {
    try await advance()
    if let outcome = outcome() { return outcome }
    for await signal in signals {
      do {
        try await handle(signal)
        try await advance()
      } catch {
        await stopRunning()
        throw error
      }
      if let outcome = outcome() { return outcome }
    }
    return .interrupted
  }

  private mutating func handle(_ signal: RunExecutor.Signal) async throws {
    switch signal {
    case .stepEnded(let id, let result):
      running[id] = nil
      _ = try result.get()
    case .requested(let request): try await handle(request)
    case .leaseLost(let error): throw error
    case .stop: try await stop()
    }
  }

  private mutating func handle(_ request: OperatorRequest) async throws {
    switch request.action {
    case .pause: leave(.paused)
    case .cancel: try await windDown(because: "cancelled by \(request.by)")
    case .approve, .retry, .skip: break
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

  private mutating func leave(_ outcome: RunOutcome) {
    leaving = outcome
    for task in running.values { task.cancel() }
  }

  private mutating func windDown(because reason: String) async throws {
    guard !windingDown else { return }
    windingDown = true
    try await executor.write([EventDraft(.runCancelled, body: ["reason": .string(reason)])])
    for (id, task) in running where executor.node(id)?.runsAlways != true { task.cancel() }
  }

  /// Begins what can begin and gives up what cannot.
  private mutating func advance() async throws {
    guard leaving == nil else { return }
    try await giveUp()
    let ready = executor.ready(
      state: executor.state, running: Set(running.keys), onlyCleanup: windingDown)
    for node in ready.prefix(max(0, executor.parallelism - running.count)) {
      running[node.id] = executor.task(for: node, sender: sender)
    }
    if executor.detachesOnApproval, !running.isEmpty,
      running.keys.allSatisfy({ executor.node($0)?.policy.waitsForPerson == true }),
      running.keys.allSatisfy({ executor.state.steps[$0]?.waitingFor != nil })
    {
      leave(.waitingForApproval)
    }
  }

  private func giveUp() async throws {
    if windingDown {
      let drafts = executor.unended.filter { !$0.runsAlways && running[$0.id] == nil }.map {
        EventDraft(.stepCancelled, step: $0.id, body: ["reason": "the run was cancelled"])
      }
      try await executor.write(drafts)
      return
    }
    // Giving a step up blocks those behind it: repeat until nothing more is blocked.
    while true {
      let blocked = executor.blocked(state: executor.state)
      if blocked.isEmpty { return }
      try await executor.write(
        blocked.map { node, cause in
          EventDraft(
            .stepCancelled, step: node.id,
            body: ["reason": .string("it needs \(cause), which did not succeed")])
        })
    }
  }

  private func outcome() -> RunOutcome? {
    guard running.isEmpty else { return nil }
    if let leaving { return leaving }
    return executor.unended.isEmpty ? .finished : nil
  }

  private mutating func stopRunning() async {
    for task in running.values { task.cancel() }
    for task in running.values { await task.value }
    running = [:]
  }
}
