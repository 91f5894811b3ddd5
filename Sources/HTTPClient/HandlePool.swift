/// Handles whose transfers are over, for the next request of the same setup.
struct HandlePool {
  /// More are not kept.
  static let capacity = 32

  private var idle: [EasyHandle] = []

  /// A handle that was set up for this; the one that was given last.
  mutating func take(_ setup: HandleSetup) -> EasyHandle? {
    idle.lastIndex { $0.setup == setup }.map { idle.remove(at: $0) }
  }

  /// Keeps a handle; of too many, the one goes that was given first.
  mutating func give(_ handle: EasyHandle) {
    if idle.count == Self.capacity { idle.removeFirst() }
    idle.append(handle)
  }
}
