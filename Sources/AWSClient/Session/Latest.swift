import Synchronization

/// What was made last, and of what: many requests and answers of one second differ in little.
final class Latest<Matter: Equatable & Sendable, Product: Sendable>: Sendable {
  private let latest = Mutex<(matter: Matter, product: Product)?>(nil)

  /// What `make` makes of `matter`, which is nothing but that matter's.
  func product(of matter: Matter, _ make: (Matter) -> Product) -> Product {
    if let latest = latest.withLock({ $0 }), latest.matter == matter { return latest.product }
    let product = make(matter)
    latest.withLock { $0 = (matter, product) }
    return product
  }
}
