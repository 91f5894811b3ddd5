import Platform

/// How long to wait before looking again, and before trying again.
public enum Pacing {
  /// The first pause between two looks.
  public static let firstPoll: Duration = .seconds(1)
  /// The longest pause between two looks.
  public static let longestPoll: Duration = .seconds(10)
  /// The longest pause before another try.
  public static let longestRetry: Duration = .seconds(30)

  /// The pause after look number `count` (from 1): grows by a quarter each time from the first to
  /// the longest, spread by a fifth either way so that many waits do not march in step.
  static func poll(after count: Int, random: some RandomSource) -> Duration {
    var pause = firstPoll
    for _ in 1..<min(max(count, 1), 16) { pause = min(pause * 1.25, longestPoll) }
    return min(pause * (0.8 + 0.4 * random.unitInterval()), longestPoll)
  }

  /// Full jitter: anywhere between nothing and 1 s, 2 s, 4 s … 30 s after try 1, 2, 3 ….
  static func retry(after attempt: Int, random: some RandomSource) -> Duration {
    min(.seconds(1 << min(attempt - 1, 10)), longestRetry) * random.unitInterval()
  }
}
