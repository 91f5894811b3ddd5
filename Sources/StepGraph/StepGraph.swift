/// A directed acyclic graph of steps. Pure: knows identifiers and edges, nothing else.
///
/// Every operation takes time linear in steps and edges.
public struct StepGraph: Sendable {
  /// The steps in the order they were given.
  public let identifiers: [String]
  /// The steps, each after everything it depends on; ties in the order they were given.
  public let order: [String]
  private let dependencies: [String: [String]]
  private let dependents: [String: [String]]

  /// Builds the graph.
  ///
  /// - Throws: ``StepGraphError`` when it is not a DAG over known, distinct identifiers.
  public init(_ steps: [(id: String, dependsOn: [String])]) throws(StepGraphError) {
    var dependencies: [String: [String]] = [:]
    for (id, dependsOn) in steps {
      guard dependencies.updateValue(dependsOn, forKey: id) == nil else { throw .duplicate(id) }
    }
    var dependents: [String: [String]] = [:]
    for (id, dependsOn) in steps {
      for dependency in dependsOn {
        guard dependencies[dependency] != nil else {
          throw .unknownDependency(dependency, of: id)
        }
        dependents[dependency, default: []].append(id)
      }
    }
    identifiers = steps.map(\.id)
    self.dependencies = dependencies
    self.dependents = dependents
    order = Self.sorted(identifiers, dependencies: dependencies, dependents: dependents)
    guard order.count == identifiers.count else {
      throw .cycle(Self.cycle(outside: Set(order), identifiers, dependencies))
    }
  }

  /// What a step needs directly.
  public func dependencies(of id: String) -> [String] { dependencies[id] ?? [] }

  /// What needs a step directly.
  public func dependents(of id: String) -> [String] { dependents[id] ?? [] }

  /// For each step, the weight of the heaviest chain that starts with it: what is still to be done
  /// once it begins. Scheduling the largest first puts the critical path first.
  public func remainingLength(weight: (String) -> Int64) -> [String: Int64] {
    var remaining: [String: Int64] = [:]
    for id in order.reversed() {
      let after = dependents(of: id).compactMap { remaining[$0] }.max() ?? 0
      remaining[id] = weight(id) + after
    }
    return remaining
  }

  /// The heaviest chain from a start to an end, and its weight.
  public func criticalPath(weight: (String) -> Int64) -> (path: [String], length: Int64) {
    let remaining = remainingLength(weight: weight)
    let heaviest = { (candidates: [String]) in
      candidates.reduce(nil as String?) { best, id in
        guard let best else { return id }
        return (remaining[id] ?? 0) > (remaining[best] ?? 0) ? id : best
      }
    }
    var path: [String] = []
    var next = heaviest(order.filter { dependencies(of: $0).isEmpty })
    while let id = next {
      path.append(id)
      next = heaviest(dependents(of: id))
    }
    return (path, path.first.flatMap { remaining[$0] } ?? 0)
  }

  /// Kahn's algorithm, always taking the earliest given of the steps that are ready.
  private static func sorted(
    _ identifiers: [String], dependencies: [String: [String]], dependents: [String: [String]]
  ) -> [String] {
    var missing = dependencies.mapValues(\.count)
    var ready = identifiers.filter { missing[$0] == 0 }
    var position = 0
    while position < ready.count {
      for dependent in dependents[ready[position]] ?? [] {
        missing[dependent, default: 0] -= 1
        if missing[dependent] == 0 { ready.append(dependent) }
      }
      position += 1
    }
    return ready
  }

  /// One cycle among the steps that could not be sorted: walking from need to need must repeat.
  private static func cycle(
    outside sorted: Set<String>, _ identifiers: [String], _ dependencies: [String: [String]]
  ) -> [String] {
    var walk: [String] = []
    var position: [String: Int] = [:]
    var current = identifiers.first { !sorted.contains($0) }
    while let id = current {
      if let start = position[id] { return Array(walk[start...]) }
      position[id] = walk.count
      walk.append(id)
      current = dependencies[id]?.first { !sorted.contains($0) }
    }
    return walk
  }
}

/// Why steps do not form a graph that can be executed.
public enum StepGraphError: Error, Equatable {
  /// Two steps have the same identifier.
  case duplicate(String)
  /// A step needs one that does not exist.
  case unknownDependency(String, of: String)
  /// Steps that need each other, each needing the next and the last the first.
  case cycle([String])
}
