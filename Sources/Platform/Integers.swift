extension Int64 {
  /// The quotient rounded towards negative infinity; `divisor` is positive.
  func flooringQuotient(_ divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  func addingSaturating(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  func subtractingSaturating(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }
}

extension Int {
  /// The decimal digits, with zeros in front up to `width`.
  public func padded(_ width: Int) -> String {
    let digits = String(magnitude)
    let zeros = String(repeating: "0", count: Swift.max(0, width - digits.count))
    return (self < 0 ? "-" : "") + zeros + digits
  }
}

extension Duration {
  /// The length in whole nanoseconds, saturating at the bounds of `Int64` (about 292 years).
  public var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    return scaled.addingSaturating(attoseconds / 1_000_000_000)
  }

  /// The length in whole milliseconds, cut off towards zero.
  public var wholeMilliseconds: Int64 { wholeNanoseconds / 1_000_000 }

  /// The length as people write it: `850 ms`, `4.2 s`, `12 m 05 s`, `3 h 20 m`, `2 d 04 h`.
  public var readable: String {
    let milliseconds = wholeMilliseconds
    if milliseconds < 0 { return "-" + Duration.milliseconds(-milliseconds).readable }
    let seconds = Int(milliseconds / 1_000)
    switch seconds {
    case 0 where milliseconds > 0: return "\(milliseconds) ms"
    case 0..<60: return "\(seconds).\(milliseconds / 100 % 10) s"
    case 60..<3_600: return "\(seconds / 60) m \((seconds % 60).padded(2)) s"
    case 3_600..<86_400: return "\(seconds / 3_600) h \((seconds / 60 % 60).padded(2)) m"
    default: return "\(seconds / 86_400) d \((seconds / 3_600 % 24).padded(2)) h"
    }
  }
}
