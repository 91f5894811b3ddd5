import Synchronization

/// What other threads want of the loop, and whether it must be woken to see it.
final class Mailbox: Sendable {
  struct Messages {
    var submissions: [Submission] = []
    var cancellations: [UInt64] = []
    var resumptions: [UInt64] = []
    /// Parts of tasks that are ready to run.
    var jobs: [UnownedJob] = []
    var isStopping = false

    var isEmpty: Bool {
      submissions.isEmpty && cancellations.isEmpty && resumptions.isEmpty && jobs.isEmpty
        && !isStopping
    }
  }

  /// What the loop does about a message.
  enum Attention {
    /// It will look by itself.
    case isAwake
    /// It waits; this is said once for each time that it does.
    case mustBeWoken
    /// It looks no more: the message was not taken.
    case isClosed
  }

  private struct State {
    var messages = Messages()
    var attention = Attention.isAwake
  }

  private let state = Mutex(State())

  /// Adds to the messages.
  func post(_ add: (inout Messages) -> Void) -> Attention {
    state.withLock { state in
      if state.attention == .isClosed { return .isClosed }
      add(&state.messages)
      defer { state.attention = .isAwake }
      return state.attention
    }
  }

  /// Takes what has come.
  func take() -> Messages { empty(leaving: .isAwake) }

  /// Whether the loop may wait: nothing has come since it last looked, and who posts now will wake it.
  func mayWait() -> Bool {
    state.withLock { state in
      state.attention = state.messages.isEmpty ? .mustBeWoken : .isAwake
      return state.messages.isEmpty
    }
  }

  /// Takes nothing more.
  ///
  /// - Returns: what came last.
  func close() -> Messages { empty(leaving: .isClosed) }

  private func empty(leaving attention: Attention) -> Messages {
    state.withLock { state in
      state.attention = attention
      defer { state.messages = Messages() }
      return state.messages
    }
  }
}
