import Platform
import Synchronization

/// Holds requests to one bucket back while it says that they are too many, and a little after any
/// other failure.
///
/// S3 takes thousands of requests a second and prefix, and splits a busy prefix by itself while it
/// answers SlowDown (Developer Guide, "Best practices design patterns"): so everything rests, longer
/// each time, and goes on at full speed once it is let.
final class ServiceThrottle: Sendable {
  /// The first rest after a refusal, and the longest.
  static let firstRest: Duration = .milliseconds(250)
  static let longestRest: Duration = .seconds(16)

  private struct State {
    var rest: Duration = .zero
    var until: Int64 = 0
  }

  private let time: any TimeSource
  private let random: any RandomSource
  private let state = Mutex(State())

  init(time: any TimeSource, random: any RandomSource) {
    self.time = time
    self.random = random
  }

  /// Waits until requests may be sent.
  ///
  /// - Throws: `CancellationError`.
  nonisolated(nonsending) func pass() async throws {
    let until = state.withLock { $0.until }
    guard until > 0 else { return }
    let wait = until - time.now().sinceBoot
    if wait > 0 { try await time.sleep(for: .nanoseconds(wait)) }
  }

  func succeeded() {
    state.withLock { state in
      guard state.until > 0, time.now().sinceBoot >= state.until else { return }
      state.rest = state.rest / 2
      if state.rest < Self.firstRest / 2 {
        state.rest = .zero
        state.until = 0
      }
    }
  }

  func failed(isSlowDown: Bool) {
    let spread = 0.5 + random.unitInterval() / 2
    state.withLock { state in
      let now = time.now().sinceBoot
      // Requests that were under way together fail together: that counts once.
      guard now >= state.until else { return }
      state.rest = min(max(state.rest * (isSlowDown ? 2 : 1), Self.firstRest), Self.longestRest)
      state.until = now + (state.rest * spread).wholeNanoseconds
    }
  }
}
