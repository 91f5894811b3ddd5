/// A directed acyclic graph of named nodes, each of which waits for the nodes it depends on.
///
/// A graph that exists is sound: every dependency is a node and there is no cycle. Every answer is
/// deterministic: it depends on the order in which the nodes were given, never on hashing.
/// Building it and every whole-graph question take time linear in nodes and edges, but for the
/// logarithmic factor that keeps ``topologicalOrder`` close to the given order.
public struct StepGraph: Sendable, Equatable {
  /// What a graph is built from: a name and the names it waits for.
  public struct Node: Sendable, Hashable {
    /// The node's name, unique in its graph.
    public let id: String
    /// The names of the nodes that come before it; a repeated name counts once.
    public let dependsOn: [String]

    /// Creates a node.
    public init(_ id: String, dependsOn: [String] = []) {
      self.id = id
      self.dependsOn = dependsOn
    }
  }

  /// The names of all nodes, in the order in which they were given.
  public let ids: [String]
  /// All names, each after everything it depends on; among nodes that are free to go, the one that
  /// was given first comes first. A list that is in a sound order already stays as it is.
  public let topologicalOrder: [String]

  let indexes: [String: Int]
  let predecessors: [[Int]]
  let successors: [[Int]]
  let order: [Int]

  /// Builds a graph, or says what is wrong with the first offender in the given order.
  public init(_ nodes: [Node]) throws(StepGraphError) {
    let indexes = try Self.index(nodes)
    let predecessors = try Self.resolve(nodes, indexes)
    var successors = [[Int]](repeating: [], count: nodes.count)
    for (index, before) in predecessors.enumerated() {
      for predecessor in before { successors[predecessor].append(index) }
    }
    let order = Self.sort(predecessors: predecessors, successors: successors)
    guard order.count == nodes.count else {
      let cycle = Self.findCycle(predecessors: predecessors, sorted: order)
      throw .cycle(cycle.map { nodes[$0].id })
    }
    self.indexes = indexes
    self.predecessors = predecessors
    self.successors = successors
    self.order = order
    ids = nodes.map(\.id)
    topologicalOrder = order.map { nodes[$0].id }
  }

  /// The number of nodes.
  public var count: Int { ids.count }

  /// Whether the graph has a node of that name.
  public func contains(_ id: String) -> Bool { indexes[id] != nil }

  private static func index(_ nodes: [Node]) throws(StepGraphError) -> [String: Int] {
    var indexes: [String: Int] = [:]
    indexes.reserveCapacity(nodes.count)
    for (index, node) in nodes.enumerated() {
      guard indexes.updateValue(index, forKey: node.id) == nil else { throw .duplicateID(node.id) }
    }
    return indexes
  }

  private static func resolve(
    _ nodes: [Node], _ indexes: [String: Int]
  ) throws(StepGraphError) -> [[Int]] {
    var predecessors: [[Int]] = []
    predecessors.reserveCapacity(nodes.count)
    for node in nodes {
      var before: [Int] = []
      var seen: Set<Int> = []
      for name in node.dependsOn {
        guard let index = indexes[name] else { throw .unknownDependency(name, in: node.id) }
        if seen.insert(index).inserted { before.append(index) }
      }
      predecessors.append(before)
    }
    return predecessors
  }

  /// Kahn's algorithm; leaves out the nodes on a cycle and everything behind them.
  private static func sort(predecessors: [[Int]], successors: [[Int]]) -> [Int] {
    var waitingFor = predecessors.map(\.count)
    var ready = MinimumHeap()
    for index in waitingFor.indices where waitingFor[index] == 0 { ready.insert(index) }
    var order: [Int] = []
    order.reserveCapacity(predecessors.count)
    while let index = ready.removeMinimum() {
      order.append(index)
      for successor in successors[index] {
        waitingFor[successor] -= 1
        if waitingFor[successor] == 0 { ready.insert(successor) }
      }
    }
    return order
  }

  /// Each unsorted node waits for another unsorted one, so that a walk along them must come back.
  private static func findCycle(predecessors: [[Int]], sorted: [Int]) -> [Int] {
    var isSorted = [Bool](repeating: false, count: predecessors.count)
    for index in sorted { isSorted[index] = true }
    var steps: [Int: Int] = [:]
    var walk: [Int] = []
    var next = isSorted.firstIndex(of: false)
    while let current = next {
      if let start = steps[current] { return rotatedToFirst(Array(walk[start...])) }
      steps[current] = walk.count
      walk.append(current)
      next = predecessors[current].first { !isSorted[$0] }
    }
    return walk
  }

  private static func rotatedToFirst(_ cycle: [Int]) -> [Int] {
    guard let smallest = cycle.min(), let start = cycle.firstIndex(of: smallest) else { return [] }
    return Array(cycle[start...] + cycle[..<start])
  }
}

/// Why a list of nodes is not a graph of steps.
public enum StepGraphError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Two nodes have the same name.
  case duplicateID(String)
  /// A node depends on a name that no node has.
  case unknownDependency(String, in: String)
  /// Nodes wait for each other. Each depends on the next one, the last on the first; the list
  /// starts with the one that was given first.
  case cycle([String])

  public var description: String {
    switch self {
    case .duplicateID(let id): "two nodes are named \(id)"
    case .unknownDependency(let name, let id): "\(id) depends on \(name), which is not there"
    case .cycle(let ids): "a cycle: " + (ids + ids.prefix(1)).joined(separator: " → ")
    }
  }
}
