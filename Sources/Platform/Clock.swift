import Synchronization

/// One reading of every clock a run needs, taken together.
public struct ClockReading: Sendable, Equatable {
  /// The wall clock, UTC; it may jump.
  public let wall: Timestamp
  /// Time since the machine booted, in nanoseconds, counting suspension (`CLOCK_BOOTTIME`): it
  /// never jumps, but it means nothing across a reboot.
  public let sinceBoot: Int64

  /// Creates a reading.
  public init(wall: Timestamp, sinceBoot: Int64) {
    self.wall = wall
    self.sinceBoot = sinceBoot
  }
}

/// Where time enters the program. Everything that reads a clock or sleeps is given one.
public protocol TimeSource: Sendable {
  /// Reads all clocks now.
  func now() -> ClockReading
  /// Returns after `duration`, or throws `CancellationError` as soon as the task is cancelled.
  func sleep(for duration: Duration) async throws
}

/// Where chance enters the program: jitter, identifiers, nonces.
public protocol RandomSource: Sendable {
  /// 64 evenly distributed bits.
  func next() -> UInt64
}

extension RandomSource {
  /// A number spread evenly over `0..<1`, for jitter.
  public func unitInterval() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// The kernel's random numbers.
public struct SystemRandom: RandomSource {
  /// Creates the source.
  public init() {}

  public func next() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}

/// A repeatable sequence (SplitMix64), for tests and for replaying a run from its printed seed.
public final class SeededRandom: RandomSource {
  private let state: Mutex<UInt64>

  /// Creates the sequence that belongs to `seed`.
  public init(seed: UInt64) { state = Mutex(seed) }

  public func next() -> UInt64 {
    state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
