public import Platform
public import RunJournal
import StepGraph
import StrictJSON

/// How a run left the executor.
public enum RunOutcome: Sendable, Equatable {
  /// Every step has ended.
  case finished
  /// An operator paused it.
  case paused
  /// It waits for people, and the executor was asked not to wait with it.
  case waitingForApproval
  /// The process was asked to end.
  case interrupted
}

/// Executes a step graph: decides on one task what runs next, and lets the steps run in parallel.
public struct RunExecutor: Sendable {
  /// What steers an execution beside the graph.
  public struct Options: Sendable {
    /// How many steps run at once.
    public var parallelism: Int
    /// Whether to leave, rather than wait, when only people can move the run.
    public var detachesOnApproval: Bool
    /// The bound on the whole run, counted from when it was asked for; nil without one.
    public var timeout: Duration?

    /// Creates options.
    public init(
      parallelism: Int = 16, detachesOnApproval: Bool = false, timeout: Duration? = nil
    ) {
      self.parallelism = max(parallelism, 1)
      self.detachesOnApproval = detachesOnApproval
      self.timeout = timeout
    }
  }

  /// The most urgent first.
  private let ranked: [StepNode]
  private let nodes: [String: StepNode]
  private let graph: StepGraph
  private let run: ULID
  private let mode: RunMode
  private let time: any TimeSource
  private let random: any RandomSource
  private let classify: @Sendable (any Error) -> FaultClass
  let options: Options
  let log: RunLog
  let bounds: BoundWatch

  /// Prepares the execution of a run whose lease is held.
  ///
  /// - Parameters:
  ///   - events: everything journaled of the run so far; its chain has been checked.
  ///   - classify: what an error means for the step it happened in.
  ///   - observer: told of each event after it is on the disk.
  /// - Throws: `StepGraphError` when the nodes form no graph.
  public init(
    nodes: [StepNode], run: ULID, mode: RunMode, journal: Journal, lease: Lease,
    events: [JournalEvent], time: any TimeSource, random: any RandomSource, options: Options,
    classify: @escaping @Sendable (any Error) -> FaultClass,
    observer: @escaping @Sendable (JournalEvent) -> Void
  ) throws {
    let graph = try StepGraph(nodes.map { StepGraph.Node($0.id, dependsOn: $0.dependsOn) })
    let byID = Dictionary(nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.graph = graph
    self.nodes = byID
    self.run = run
    self.mode = mode
    self.time = time
    self.random = random
    self.options = options
    self.classify = classify
    bounds = BoundWatch(time: time)
    log = RunLog(journal: journal, lease: lease, events: events, observer: observer)
    // The longest way still to go comes first: the critical path waits for nobody.
    let lengths = graph.remainingPathLength { byID[$0]?.policy.expected ?? .zero }
    let order = graph.topologicalOrder.enumerated().map {
      (place: $0, length: lengths[$1] ?? .zero, node: byID[$1])
    }
    ranked = order.sorted { $0.length == $1.length ? $0.place < $1.place : $0.length > $1.length }
      .compactMap(\.node)
  }

  /// Runs until every step has ended or the run is laid down.
  ///
  /// - Parameter stops: asks to stop; a drill still cleans up after the first, and leaves at once
  ///   after the second.
  /// - Throws: what makes going on impossible: a journal that cannot be written, a lost lease.
  public func execute(stops: AsyncStream<Void>) async throws -> RunOutcome {
    try await attach()
    let (signals, sender) = AsyncStream<Signal>.makeStream()
    var loop = ExecutionLoop(executor: self, sender: sender)
    try await loop.begin()
    let watchers = [
      Task { [log, time] in
        await OperatorWatch(log: log, time: time).run(sender)
      },
      Task { [log, time] in
        await LeaseKeeper(log: log, time: time).run(sender)
      },
      Task {
        for await _ in stops { sender.yield(.stop) }
      },
      Task { await expire(sender) },
      Task { await bounds.run(sender) },
    ]
    defer { for watcher in watchers { watcher.cancel() } }
    let outcome = try await withTaskExecutorPreference(log.executor) {
      try await loop.run(signals)
    }
    try await log.write(
      outcome == .finished
        ? [EventDraft(.runFinished)]
        : [EventDraft(.runDetached, body: ["reason": .string(String(describing: outcome))])])
    try await log.releaseLease()
    return outcome
  }

  /// Notes that this process has taken the run up, and what the clocks did meanwhile.
  private func attach() async throws {
    let me = ProcessIdentity.current()
    let now = time.now()
    let before = log.current
    var drafts = [EventDraft(.runAttached, body: try JSONValue(encoding: me))]
    if let last = before.lastReading, before.lastBoot == me.boot,
      let jump = ClockWatch.jump(from: last, to: now)
    {
      drafts.append(ClockWatch.draft(of: jump))
    }
    try await log.write(drafts)
  }

  /// What the deciding task is told.
  enum Signal: Sendable {
    case stepEnded(String, Result<StepRunner.End, any Error>)
    case requested(Int64, OperatorRequest)
    case personAsked
    case leaseLost(any Error)
    case expired(Duration)
    case outlasted(String)
    case stop
  }

  private func expire(_ sender: AsyncStream<Signal>.Continuation) async {
    guard let timeout = options.timeout else { return }
    let now = time.now().wall
    let rest = timeout - (now - (log.current.declared ?? now))
    guard (try? await time.sleep(for: max(rest, .zero))) != nil else { return }
    sender.yield(.expired(timeout))
  }

  var isDrill: Bool { mode == .drill }

  func node(_ id: String) -> StepNode? { nodes[id] }

  func scheduler(running: Set<String>) -> Scheduler {
    Scheduler(nodes: ranked, state: log.current, running: running)
  }

  /// The steps that were given up since they need, in the end, this one.
  func givenUp(behind step: String) -> [String] {
    let state = log.current
    return graph.allDependents(of: step).filter {
      state.status(of: $0) == .cancelled && nodes[$0]?.runsAlways == false
    }
  }

  func task(for node: StepNode, sender: AsyncStream<Signal>.Continuation) -> Task<Void, Never> {
    let context = StepContext(
      run: run, mode: mode, step: node.id, component: node.component, time: time, random: random,
      incident: log.current.incident ?? time.now().wall,
      outputs: { [log] in log.output(of: $0) },
      approvers: { [log] in log.approvers(of: node.id) },
      memory: StepContext.Memory(
        recall: { [log] in log.step(node.id).checkpoint },
        remember: { [log] body in
          let draft = EventDraft(
            .stepWaiting, step: node.id, attempt: log.step(node.id).attempts, body: body)
          do { try await log.write(draft) } catch { throw JournalStopped(cause: error) }
        }, spentEffects: { [log] in log.step(node.id).spent.count }))
    let bound = StepBound(node.policy.timeout, from: time.now())
    let runner = StepRunner(
      node: node, log: log, context: context, bound: bound, classify: classify,
      asks: { sender.yield(.personAsked) })
    bounds.begin(node.id, bound)
    return Task(executorPreference: log.executor) {
      do {
        sender.yield(.stepEnded(node.id, .success(try await runner.run())))
      } catch {
        sender.yield(.stepEnded(node.id, .failure(error)))
      }
    }
  }
}
