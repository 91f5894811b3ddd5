import Synchronization

/// Counts how often in a row something held: services answer from several places, and one good
/// answer may be followed by a bad one.
final class Streak: Sendable {
  private let count = Mutex(0)

  /// One more; returns how many there are now.
  func extend() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }

  func reset() { count.withLock { $0 = 0 } }
}
