import CPosix
import Glibc

/// The machine's clocks.
public struct SystemTime: TimeSource {
  /// Sleeps of at least this length end on a common grid. Thousands of waits then wake the processor
  /// ten times a second together, not thousands of times each on its own.
  public static let shortestGriddedSleep: Duration = .seconds(1)
  /// The step of that grid: the most by which such a sleep is longer than asked for.
  public static let grid: Duration = .milliseconds(100)

  private let origin = ContinuousClock().now

  /// Creates the source.
  public init() {}

  public func now() -> ClockReading {
    ClockReading(
      wall: Timestamp(nanoseconds: Self.read(CLOCK_REALTIME)), sinceBoot: Self.read(CLOCK_BOOTTIME))
  }

  public func sleep(for duration: Duration) async throws {
    let clock = ContinuousClock()
    var end = clock.now + duration
    if duration >= Self.shortestGriddedSleep {
      let rest = (end - origin).wholeNanoseconds % Self.grid.wholeNanoseconds
      if rest > 0 { end += Self.grid - .nanoseconds(rest) }
    }
    try await clock.sleep(until: end, tolerance: nil)
  }

  /// How far the wall clock may be off by the kernel's own estimate (adjtimex(2)); nil when the
  /// kernel says that nothing keeps the clock synchronised.
  public static func maximumError() -> Duration? {
    let microseconds = mdr_clock_maximum_error()
    return microseconds < 0 ? nil : .microseconds(Int64(microseconds))
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
