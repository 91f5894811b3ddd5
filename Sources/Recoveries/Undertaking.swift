public import RunEngine

/// What a run will do to the world and what it leaves alone, from what its steps declare.
public struct Undertaking: Sendable {
  /// What is made, changed and deleted: kind, identifier and place.
  public let effects: [PlannedEffect]
  /// Calls that change something which no effect of their step speaks of, such as a request for a log
  /// that is taken back at once.
  public let others: [PlannedCall]
  /// How many calls only read.
  public let readingCalls: Int
  private let calls: [PlannedCall]

  /// Gathers the declarations of compiled steps.
  public init(_ nodes: [StepNode]) {
    effects = Self.distinct(nodes.flatMap(\.effects))
    calls = Self.distinct(nodes.flatMap(\.calls))
    readingCalls = calls.count { $0.effect == .reads }
    others = Self.distinct(
      nodes.flatMap { node in
        node.calls.filter { call in
          call.effect != .reads
            && !node.effects.contains { $0.verb.rawValue == call.effect.rawValue }
        }
      })
  }

  /// What is done in this way.
  public func what(_ verb: PlannedEffect.Verb) -> [String] {
    effects.filter { $0.verb == verb }.map(\.what)
  }

  /// How a region, or a cluster, is touched.
  public enum Touch: Sendable, Equatable {
    case notAtAll
    /// By calls that only read, with these names.
    case onlyRead([String])
    case changed
  }

  /// How a place is touched.
  public func touch(of place: String) -> Touch {
    let there = calls.filter { $0.place == place }
    if there.isEmpty { return .notAtAll }
    return there.allSatisfy { $0.effect == .reads }
      ? .onlyRead(Self.distinct(there.map(\.name))) : .changed
  }

  private static func distinct<Element: Equatable>(_ elements: [Element]) -> [Element] {
    elements.reduce(into: []) { known, element in
      if !known.contains(element) { known.append(element) }
    }
  }
}
