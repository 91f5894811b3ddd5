import Platform
import Synchronization

/// How long a step may take in this process.
///
/// When its time is over it looks no more; a look that begins right then still has as long as one call may
/// take. What is under way after that is cancelled: a look may do all of a step's work at once.
struct StepBound: Sendable {
  /// The most that the last look has.
  static let longestLastLook: Duration = .seconds(30)

  /// When the time is over, by the clock since boot.
  let deadline: Int64
  /// When what is still under way is cancelled.
  let end: Int64

  init(_ timeout: Duration, from now: ClockReading) {
    deadline = now.sinceBoot + timeout.wholeNanoseconds
    end = deadline + min(timeout, Self.longestLastLook).wholeNanoseconds
  }

  /// Whether another look, or another try, may follow.
  func mayBegin(_ now: ClockReading) -> Bool { now.sinceBoot < deadline }

  func rest(_ now: ClockReading) -> Duration { .nanoseconds(max(deadline - now.sinceBoot, 0)) }

  /// Whether nothing of the step may be under way any more.
  func isOver(_ now: ClockReading) -> Bool { now.sinceBoot >= end }
}

/// Tells which steps under way have outlasted their bounds. One watch serves them all: a timer for every look
/// of thousands of steps would cost more than the looks.
final class BoundWatch: Sendable {
  static let interval: Duration = .seconds(1)

  private let time: any TimeSource
  private let bounds = Mutex<[String: StepBound]>([:])

  init(time: any TimeSource) { self.time = time }

  func begin(_ step: String, _ bound: StepBound) { bounds.withLock { $0[step] = bound } }

  func end(_ step: String) { bounds.withLock { $0[step] = nil } }

  func run(_ sender: AsyncStream<RunExecutor.Signal>.Continuation) async {
    while (try? await time.sleep(for: Self.interval)) != nil {
      for step in takeOver() { sender.yield(.outlasted(step)) }
    }
  }

  /// Each is told once: who does not heed it at once is awaited, for what it does must not go on behind the
  /// step's end.
  private func takeOver() -> [String] {
    let now = time.now()
    return bounds.withLock { bounds in
      let over = bounds.filter { $0.value.isOver(now) }.map(\.key)
      for step in over { bounds[step] = nil }
      return over
    }
  }
}
