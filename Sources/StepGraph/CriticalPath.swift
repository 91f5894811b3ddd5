/// The chain of nodes that decides how long a whole graph takes.
public struct CriticalPath<Weight: Sendable & Equatable>: Sendable, Equatable {
  /// The nodes of the chain, first to last; empty for an empty graph.
  public let ids: [String]
  /// The sum of their weights.
  public let length: Weight
}

extension StepGraph {
  /// The heaviest chain of the graph. Among chains of equal weight, the one whose nodes were given
  /// first. Weights are not negative, and their sum must fit `Weight` (`Duration` always does).
  public func criticalPath<Weight: AdditiveArithmetic & Comparable & Sendable>(
    weight: (String) -> Weight
  ) -> CriticalPath<Weight> {
    let remaining = remainingLengths(weight)
    var ids: [String] = []
    var next = Self.heaviest(of: order.lazy.filter { predecessors[$0].isEmpty }, remaining)
    let length = next.map { remaining[$0] } ?? .zero
    while let current = next {
      ids.append(self.ids[current])
      next = Self.heaviest(of: successors[current], remaining)
    }
    return CriticalPath(ids: ids, length: length)
  }

  /// For every node, the weight of the heaviest chain that starts with it: what is still to come
  /// once its dependencies are done. A scheduler that takes the largest first follows the critical
  /// path. The same rules for weights as for ``criticalPath(weight:)``.
  public func remainingPathLength<Weight: AdditiveArithmetic & Comparable>(
    weight: (String) -> Weight
  ) -> [String: Weight] {
    Dictionary(uniqueKeysWithValues: zip(ids, remainingLengths(weight)))
  }

  private func remainingLengths<Weight: AdditiveArithmetic & Comparable>(
    _ weight: (String) -> Weight
  ) -> [Weight] {
    var remaining = [Weight](repeating: .zero, count: count)
    for index in order.reversed() {
      let behind = successors[index].lazy.map { remaining[$0] }.max() ?? .zero
      remaining[index] = weight(ids[index]) + behind
    }
    return remaining
  }

  /// The candidate with the largest value; among equals the smallest index.
  private static func heaviest<Weight: Comparable>(
    of candidates: some Sequence<Int>, _ values: [Weight]
  ) -> Int? {
    var best: Int?
    for candidate in candidates {
      guard let leader = best else {
        best = candidate
        continue
      }
      if values[candidate] > values[leader]
        || (values[candidate] == values[leader] && candidate < leader)
      {
        best = candidate
      }
    }
    return best
  }
}
