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

    /// Creates options.
    public init(parallelism: Int = 16, detachesOnApproval: Bool = false) {
      self.parallelism = max(parallelism, 1)
      self.detachesOnApproval = detachesOnApproval
    }
  }

  private let nodes: [String: StepNode]
  private let graph: StepGraph
  private let run: ULID
  private let mode: RunMode
  private let log: RunLog
  private let time: any TimeSource
  private let random: any RandomSource
  private let classify: @Sendable (any Error) -> FaultClass
  private let options: Options
  private let priority: [String: Int64]

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
    observer: @escaping @Sendable (JournalEvent, RunState) -> Void
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
    log = RunLog(journal: journal, lease: lease, events: events, observer: observer)
    priority = graph.remainingPathLength { byID[$0]?.policy.expected.wholeMilliseconds ?? 0 }
  }

  /// Runs until every step has ended or the run is laid down.
  ///
  /// - Parameter stops: asks to stop; a drill still cleans up after the first, and leaves at once
  ///   after the second.
  /// - Throws: what makes going on impossible: a journal that cannot be written, a lost lease.
  public func execute(stops: AsyncStream<Void>) async throws -> RunOutcome {
    let (signals, sender) = AsyncStream<Signal>.makeStream()
    var loop = ExecutionLoop(executor: self, sender: sender)
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
    ]
    defer { for watcher in watchers { watcher.cancel() } }
    let outcome = try await loop.run(signals)
    try await log.write(
      outcome == .finished
        ? [EventDraft(.runFinished)]
        : [EventDraft(.runDetached, body: ["reason": .string(String(describing: outcome))])])
    try await log.releaseLease()
    return outcome
  }

  /// What the deciding task is told.
  enum Signal: Sendable {
    case stepEnded(String, Result<StepRunner.End, any Error>)
    case requested(OperatorRequest)
    case leaseLost(any Error)
    case stop
  }

  var state: RunState { log.current }
  var isDrill: Bool { mode == .drill }
  var parallelism: Int { options.parallelism }
  var detachesOnApproval: Bool { options.detachesOnApproval }

  func write(_ drafts: [EventDraft]) async throws { try await log.write(drafts) }

  func node(_ id: String) -> StepNode? { nodes[id] }

  /// The steps that may begin now, the most urgent first.
  func ready(state: RunState, running: Set<String>, onlyCleanup: Bool) -> [StepNode] {
    graph.topologicalOrder.compactMap { nodes[$0] }.filter { node in
      !running.contains(node.id) && !state.status(of: node.id).isTerminal
        && (!onlyCleanup || node.runsAlways) && mayBegin(node, state)
    }.sorted { (priority[$0.id] ?? 0) > (priority[$1.id] ?? 0) }
  }

  /// The steps that can never begin, since something they need did not end well.
  func blocked(state: RunState) -> [(node: StepNode, by: String)] {
    graph.topologicalOrder.compactMap { nodes[$0] }.compactMap { node in
      guard !node.runsAlways, state.status(of: node.id) == .pending,
        let cause = node.dependsOn.first(where: { isBadEnd(state.status(of: $0)) })
      else { return nil }
      return (node, cause)
    }
  }

  var unended: [StepNode] {
    let state = state
    return graph.topologicalOrder.compactMap { nodes[$0] }.filter {
      !state.status(of: $0.id).isTerminal
    }
  }

  func task(for node: StepNode, sender: AsyncStream<Signal>.Continuation) -> Task<Void, Never> {
    let context = StepContext(
      run: run, mode: mode, step: node.id, component: node.component, time: time, random: random,
      incident: state.incident ?? time.now().wall,
      outputs: { [log] in log.output(of: $0) },
      approvers: { [log] in log.approvers(of: node.id) })
    let runner = StepRunner(node: node, log: log, context: context, classify: classify)
    return Task {
      do {
        sender.yield(.stepEnded(node.id, .success(try await runner.run())))
      } catch {
        sender.yield(.stepEnded(node.id, .failure(error)))
      }
    }
  }

  private func mayBegin(_ node: StepNode, _ state: RunState) -> Bool {
    node.dependsOn.allSatisfy { dependency in
      let status = state.status(of: dependency)
      return node.runsAlways ? status.isTerminal : status == .succeeded || status == .skipped
    }
  }

  private func isBadEnd(_ status: StepStatus) -> Bool { status == .failed || status == .cancelled }
}
