import Platform
import Synchronization

/// Keeps the calls to one service in one region within what the service takes: a bound on the calls
/// under way, and a pause between two of them that grows while the service says it is too much.
///
/// AWS publishes no rates for most of its control planes and shares them among everybody in the
/// account, so that the right rate is found out: doubled pauses after a refusal, and shorter ones
/// after each success.
final class CallGate: Sendable {
  /// How many calls are under way at once.
  static let width = 10
  /// The first pause after a refusal, and the longest; nanoseconds.
  static let firstPause: Int64 = 100_000_000
  static let longestPause: Int64 = 5_000_000_000
  /// A pause shorter than this is none.
  static let shortestPause: Int64 = 10_000_000

  private struct State {
    var underWay = 0
    var next: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    /// Those that wait, first come first served; some may have left.
    var line: [UInt64] = []
    var served = 0
    var pause: Int64 = 0
    var nextStart: Int64 = 0
  }

  private let time: any TimeSource
  private let state = Mutex(State())

  init(time: any TimeSource) { self.time = time }

  /// Runs a call when it is its turn.
  ///
  /// - Throws: `CancellationError` when the task is cancelled while it waits.
  func pass<Result: Sendable>(
    _ call: @Sendable () async throws -> Result
  ) async throws -> Result {
    try await enter()
    defer { leave() }
    let wait = state.withLock { state in
      let now = time.now().sinceBoot
      let start = max(now, state.nextStart)
      state.nextStart = start + state.pause
      return start - now
    }
    if wait > 0 { try await time.sleep(for: .nanoseconds(wait)) }
    return try await call()
  }

  /// Takes note of how the service answered.
  func note(wasThrottled: Bool) {
    state.withLock { state in
      if wasThrottled {
        state.pause = min(max(state.pause * 2, Self.firstPause), Self.longestPause)
      } else {
        state.pause = state.pause < Self.shortestPause ? 0 : state.pause / 10 * 9
      }
    }
  }

  /// The pause between two calls, as things stand.
  var pause: Duration { .nanoseconds(state.withLock { $0.pause }) }

  private func enter() async throws {
    let number = state.withLock { state in
      state.next += 1
      return state.next
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let mayPass =
          state.withLock { state in
            if Task.isCancelled { return false }
            if state.underWay < Self.width {
              state.underWay += 1
              return true
            }
            state.waiting[number] = continuation
            state.line.append(number)
            return nil
          } as Bool?
        switch mayPass {
        case true?: continuation.resume()
        case false?: continuation.resume(throwing: CancellationError())
        case nil: break
        }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?
        .resume(throwing: CancellationError())
    }
  }

  /// Hands the place over to the first who still waits.
  private func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      while state.served < state.line.count {
        let number = state.line[state.served]
        state.served += 1
        if let continuation = state.waiting.removeValue(forKey: number) { return continuation }
      }
      state.line = []
      state.served = 0
      state.underWay -= 1
      return nil
    }
    next?.resume()
  }
}
