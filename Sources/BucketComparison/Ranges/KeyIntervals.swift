/// Which keys have been compared: half-open intervals in order, merged where they touch.
public struct KeyIntervals: Sendable, Equatable {
  /// From behind one key up to and with another; nil is without a bound.
  public struct Interval: Sendable, Equatable {
    /// The key it begins behind.
    public var after: [UInt8]?
    /// The last key of it.
    public var upTo: [UInt8]?

    /// Creates an interval.
    public init(after: [UInt8]?, upTo: [UInt8]?) {
      self.after = after
      self.upTo = upTo
    }
  }

  /// The intervals.
  public private(set) var intervals: [Interval] = []

  /// Creates an empty set.
  public init() {}

  /// Adds an interval.
  public mutating func add(_ new: Interval) {
    var merged = new
    var kept: [Interval] = []
    for old in intervals {
      if Self.touches(old, merged) {
        merged = Interval(
          after: Self.lower(old.after, merged.after), upTo: Self.upper(old.upTo, merged.upTo))
      } else {
        kept.append(old)
      }
    }
    let place = kept.firstIndex { Self.begins(merged, before: $0) } ?? kept.count
    kept.insert(merged, at: place)
    intervals = kept
  }

  /// What is not in the set, in order.
  public var gaps: [Interval] {
    var gaps: [Interval] = []
    var from: [UInt8]?
    var isAtStart = true
    for interval in intervals {
      if let after = interval.after, isAtStart || from != nil, from != after {
        gaps.append(Interval(after: from, upTo: after))
      }
      isAtStart = false
      guard let end = interval.upTo else { return gaps }
      from = end
    }
    gaps.append(Interval(after: from, upTo: nil))
    return gaps
  }

  private static func touches(_ a: Interval, _ b: Interval) -> Bool {
    !isBehind(a.after, b.upTo) && !isBehind(b.after, a.upTo)
  }

  /// Whether an interval that begins behind `after` leaves a gap to one that ends with `upTo`.
  private static func isBehind(_ after: [UInt8]?, _ upTo: [UInt8]?) -> Bool {
    guard let after, let upTo else { return false }
    return KeyOrder.isLess(upTo, after)
  }

  private static func lower(_ a: [UInt8]?, _ b: [UInt8]?) -> [UInt8]? {
    guard let a, let b else { return nil }
    return KeyOrder.isLess(a, b) ? a : b
  }

  private static func upper(_ a: [UInt8]?, _ b: [UInt8]?) -> [UInt8]? {
    guard let a, let b else { return nil }
    return KeyOrder.isLess(a, b) ? b : a
  }

  private static func begins(_ a: Interval, before b: Interval) -> Bool {
    guard let other = b.after else { return false }
    guard let own = a.after else { return true }
    return KeyOrder.isLess(own, other)
  }
}
