import Synchronization

/// What other threads want of the loop, and whether it must be woken to see it.
final class Mailbox: Sendable {
  struct Messages {
    var submissions: [Submission] = []
    var cancellations: [UInt64] = []
    var resumptions: [UInt64] = []
    var isStopping = false

    var isEmpty: Bool {
      submissions.isEmpty && cancellations.isEmpty && resumptions.isEmpty && !isStopping
    }
  }

  private struct State {
    var messages = Messages()
    /// Set while the loop waits, or is about to, and nobody has woken it.
    var mustBeWoken = false
  }

  private let state = Mutex(State())

  /// Adds to the messages.
  ///
  /// - Returns: whether the loop has to be woken, which is said once for each time that it waits.
  func post(_ add: (inout Messages) -> Void) -> Bool {
    state.withLock { state in
      add(&state.messages)
      defer { state.mustBeWoken = false }
      return state.mustBeWoken
    }
  }

  /// Takes what has come.
  func take() -> Messages {
    state.withLock { state in
      state.mustBeWoken = false
      defer { state.messages = Messages() }
      return state.messages
    }
  }

  /// Whether the loop may wait: nothing has come since it last looked, and who posts now will wake it.
  func mayWait() -> Bool {
    state.withLock { state in
      state.mustBeWoken = state.messages.isEmpty
      return state.mustBeWoken
    }
  }
}
