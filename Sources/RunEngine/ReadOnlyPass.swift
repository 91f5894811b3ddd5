public import Platform
public import RunJournal
public import StrictJSON

/// Looks once with every step of a list that only looks, outside any run: nothing is journaled and
/// nothing changed. Steps that do not depend on each other look at the same time.
public struct ReadOnlyPass: Sendable {
  /// What came of one step's look.
  public struct Result: Sendable {
    /// The step.
    public let node: StepNode
    /// What it found.
    public let outcome: Outcome
    /// The instants it noted.
    public let moments: [Moment]
    /// The findings it noted.
    public let findings: [Finding]
  }

  /// What a look can come to.
  public enum Outcome: Sendable {
    /// The step would end now, with this output.
    case ready(JSONValue)
    /// The step would wait.
    case waiting(Progress)
    /// The step would fail, or could not be made to look.
    case failed(any Error)
    /// The step needs what comes, maybe by way of others, from one that is not ready.
    case blocked(by: String)
  }

  private let nodes: [StepNode]
  private let run: ULID
  private let mode: RunMode
  private let time: any TimeSource
  private let random: any RandomSource

  /// The bound on one look.
  public static let lookTimeout: Duration = .seconds(120)

  /// Prepares the pass. Steps that change something are left out, and dependencies on what is not in the
  /// list do not count.
  public init(
    _ nodes: [StepNode], run: ULID, mode: RunMode, time: any TimeSource,
    random: any RandomSource
  ) {
    self.nodes = nodes.filter { !$0.changesSomething && !$0.policy.waitsForPerson }
    self.run = run
    self.mode = mode
    self.time = time
    self.random = random
  }

  /// Makes the pass; the results stand in the order of the list.
  public func results() async -> [Result] {
    var pending: [String: Task<Result, Never>] = [:]
    // Each task awaits those of the steps before it, so that the order of the list must be sound; one
    // that is not yet there is taken as not in the list.
    var tasks: [Task<Result, Never>] = []
    for node in nodes {
      let needed = node.dependsOn.compactMap { id in pending[id].map { (id, $0) } }
      let task = Task { await look(node, after: needed) }
      pending[node.id] = task
      tasks.append(task)
    }
    return await withTaskCancellationHandler {
      var results: [Result] = []
      for task in tasks { results.append(await task.value) }
      return results
    } onCancel: { [tasks] in
      for task in tasks { task.cancel() }
    }
  }

  private func look(
    _ node: StepNode, after needed: [(id: String, task: Task<Result, Never>)]
  ) async -> Result {
    var outputs: [String: JSONValue] = [:]
    for (id, task) in needed {
      let result = await task.value
      switch result.outcome {
      case .ready(let output): outputs[id] = output
      case .blocked(let cause):
        return Result(node: node, outcome: .blocked(by: cause), moments: [], findings: [])
      case .waiting, .failed:
        return Result(node: node, outcome: .blocked(by: id), moments: [], findings: [])
      }
    }
    let context = StepContext(
      run: run, mode: mode, step: node.id, component: node.component, time: time, random: random,
      incident: time.now().wall, outputs: { [outputs] in outputs[$0] }, approvers: { [] })
    let outcome = await outcome(of: node, context)
    let notes = context.takeNotes()
    return Result(
      node: node, outcome: outcome, moments: notes.moments, findings: notes.findings)
  }

  private func outcome(of node: StepNode, _ context: StepContext) async -> Outcome {
    guard case .observing(let look) = node.body else { return .blocked(by: node.id) }
    return await withTaskGroup(of: Outcome?.self) { group in
      group.addTask {
        do {
          switch try await look(context) {
          case .ready(let output): return .ready(output)
          case .waiting(let progress): return .waiting(progress)
          }
        } catch {
          return .failed(error)
        }
      }
      group.addTask { [time] in
        try? await time.sleep(for: Self.lookTimeout)
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first ?? .failed(tooLong(node))
    }
  }

  private func tooLong(_ node: StepNode) -> Problem {
    Problem(
      "a look took too long", on: node.id,
      because: "there was no answer within \(Self.lookTimeout.readable)",
      fix: "Look at the service's health and at the network, then try again.")
  }
}
