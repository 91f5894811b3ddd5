extension StepGraph {
  /// What `id` waits for directly, in the order in which its node named them; empty for an unknown
  /// name.
  public func dependencies(of id: String) -> [String] {
    names(indexes[id].map { predecessors[$0] } ?? [])
  }

  /// What waits for `id` directly, in the given order of nodes; empty for an unknown name.
  public func dependents(of id: String) -> [String] {
    names(indexes[id].map { successors[$0] } ?? [])
  }

  /// Everything that must come before `id`, in topological order, without `id` itself.
  public func allDependencies(of id: String) -> [String] {
    reachable(from: id, along: predecessors)
  }

  /// Everything that cannot start before `id` is done, in topological order, without `id` itself.
  public func allDependents(of id: String) -> [String] { reachable(from: id, along: successors) }

  /// The nodes by how many nodes stand in front of them on the longest way: the first level depends
  /// on nothing, and each node stands one level behind its latest dependency.
  public var levels: [[String]] {
    var level = [Int](repeating: 0, count: count)
    var result: [[String]] = []
    for index in order {
      level[index] = (predecessors[index].map { level[$0] }.max() ?? -1) + 1
      if level[index] == result.count { result.append([]) }
      result[level[index]].append(ids[index])
    }
    return result
  }

  private func names(_ indexes: [Int]) -> [String] { indexes.map { ids[$0] } }

  private func reachable(from id: String, along edges: [[Int]]) -> [String] {
    guard let start = indexes[id] else { return [] }
    var isReached = [Bool](repeating: false, count: count)
    var pending = edges[start]
    while let index = pending.popLast() {
      if isReached[index] { continue }
      isReached[index] = true
      pending += edges[index]
    }
    return order.filter { isReached[$0] }.map { ids[$0] }
  }
}
