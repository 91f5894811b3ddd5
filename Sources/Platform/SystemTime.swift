import CPosix
import Glibc

/// The machine's clocks.
public struct SystemTime: TimeSource {
  /// Creates the source.
  public init() {}

  public func now() -> ClockReading {
    ClockReading(
      wall: Timestamp(nanoseconds: Self.read(CLOCK_REALTIME)), sinceBoot: Self.read(CLOCK_BOOTTIME))
  }

  public func sleep(for duration: Duration) async throws {
    try await Task.sleep(for: duration, clock: .continuous)
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
