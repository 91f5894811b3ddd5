import RunJournal
import StepGraph

/// Which steps may begin and which never can, kept up to date end by end: a run of n steps costs n
/// in all, not n for each of them.
struct Scheduler {
  /// A step that can never begin, and the one it needs that did not end well.
  struct Blocked {
    let node: StepNode
    let by: String
  }

  /// The most urgent first; a step is known by its place in this list.
  private let nodes: [StepNode]
  private let places: [String: Int]
  private let dependents: [[Int]]
  private var waitingFor: [Int]
  private var statuses: [StepStatus]
  private var ready = MinimumHeap()
  private var stuck: [(place: Int, cause: Int)] = []
  /// How many steps have not ended.
  private(set) var unended = 0

  /// Starts from what the journal says.
  ///
  /// - Parameters:
  ///   - nodes: the most urgent first.
  ///   - running: the steps under way in this process; another step that the journal has running
  ///     was interrupted, and begins again.
  init(nodes: [StepNode], state: RunState, running: Set<String>) {
    let places = Dictionary(
      nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let statuses = nodes.map { node -> StepStatus in
      let status = state.status(of: node.id)
      return status.isTerminal ? status : running.contains(node.id) ? .running : .pending
    }
    var dependents = [[Int]](repeating: [], count: nodes.count)
    waitingFor = [Int](repeating: 0, count: nodes.count)
    for (place, node) in nodes.enumerated() {
      for needed in Set(node.dependsOn.compactMap { places[$0] }) {
        dependents[needed].append(place)
        if !node.letsPass(statuses[needed]) { waitingFor[place] += 1 }
      }
    }
    self.nodes = nodes
    self.places = places
    self.dependents = dependents
    self.statuses = statuses
    for place in nodes.indices {
      if statuses[place].isTerminal { noteBlocked(by: place) } else { unended += 1 }
      if statuses[place] == .pending, waitingFor[place] == 0 { ready.insert(place) }
    }
  }

  /// The most urgent step that may begin; it counts as running from now on.
  mutating func next() -> StepNode? {
    while let place = ready.removeMinimum() {
      guard statuses[place] == .pending else { continue }
      statuses[place] = .running
      return nodes[place]
    }
    return nil
  }

  /// Takes note that a step has ended.
  mutating func settle(_ id: String, as status: StepStatus) {
    guard let place = places[id], status.isTerminal, !statuses[place].isTerminal else { return }
    statuses[place] = status
    unended -= 1
    for dependent in dependents[place] where nodes[dependent].letsPass(status) {
      waitingFor[dependent] -= 1
      if waitingFor[dependent] == 0, statuses[dependent] == .pending { ready.insert(dependent) }
    }
    noteBlocked(by: place)
  }

  /// The steps found since the last call that can never begin; each is to be settled.
  mutating func takeBlocked() -> [Blocked] {
    defer { stuck = [] }
    var seen: Set<Int> = []
    return stuck.filter { statuses[$0.place] == .pending && seen.insert($0.place).inserted }
      .map { Blocked(node: nodes[$0.place], by: nodes[$0.cause].id) }
  }

  /// The steps that have not begun.
  var pending: [StepNode] {
    nodes.indices.lazy.filter { statuses[$0] == .pending }.map { nodes[$0] }
  }

  private mutating func noteBlocked(by cause: Int) {
    for dependent in dependents[cause]
    where statuses[dependent] == .pending && !nodes[dependent].letsPass(statuses[cause]) {
      stuck.append((dependent, cause))
    }
  }
}

extension StepNode {
  /// Whether the step may begin when one that it needs stands so.
  fileprivate func letsPass(_ status: StepStatus) -> Bool {
    runsAlways ? status.isTerminal : status == .succeeded || status == .skipped
  }
}
