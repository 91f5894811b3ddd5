import Synchronization

/// What a step remembers between two looks while it leads a record back.
final class RecordReversals: Sendable {
  private struct State {
    var change: String?
    var unanswered = 0
  }

  private let state = Mutex(State())

  /// The change that was asked for last; nil when this process has asked for none.
  var change: String? {
    get { state.withLock { $0.change } }
    set { state.withLock { $0.change = newValue } }
  }

  /// Counts one more question that nobody answered; returns how many there are now.
  func unanswered() -> Int {
    state.withLock { state in
      state.unanswered += 1
      return state.unanswered
    }
  }
}
