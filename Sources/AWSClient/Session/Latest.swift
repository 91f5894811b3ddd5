import Synchronization

/// What was made last, and of what: many requests and answers of one second differ in little.
final class Latest<Matter: Equatable & Sendable, Product: Sendable>: Sendable {
  /// More are not kept: two buckets in two regions take turns.
  private static var maximumKept: Int { 4 }

  private struct State {
    var kept: [(matter: Matter, product: Product)] = []
    /// The one that makes room for the next.
    var oldest = 0
  }

  private let state = Mutex(State())

  /// What `make` makes of `matter`, which is nothing but that matter's.
  func product(of matter: Matter, _ make: (Matter) -> Product) -> Product {
    let known = state.withLock { $0.kept.first { $0.matter == matter }?.product }
    if let known { return known }
    let product = make(matter)
    state.withLock { state in
      if state.kept.count < Self.maximumKept {
        state.kept.append((matter, product))
      } else {
        state.kept[state.oldest] = (matter, product)
        state.oldest = (state.oldest + 1) % Self.maximumKept
      }
    }
    return product
  }
}
