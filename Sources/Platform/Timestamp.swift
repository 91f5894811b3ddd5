/// A moment in UTC, in whole nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Printed and read as RFC 3339. Covers the years 1678 to 2262.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Nanoseconds since the Unix epoch; negative before it.
  public let nanoseconds: Int64

  /// Creates the moment that lies `nanoseconds` after the Unix epoch.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Creates the moment that lies `seconds` after the Unix epoch; saturates at the type's bounds.
  public init(unixSeconds seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    nanoseconds = overflow ? (seconds < 0 ? .min : .max) : product
  }

  /// Whole seconds since the Unix epoch, rounded down.
  public var unixSeconds: Int64 { nanoseconds.flooringQuotient(1_000_000_000) }

  /// Whole milliseconds since the Unix epoch, rounded down.
  public var unixMilliseconds: Int64 { nanoseconds.flooringQuotient(1_000_000) }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The time from `right` to `left`.
  public static func - (left: Timestamp, right: Timestamp) -> Duration {
    .nanoseconds(left.nanoseconds.subtractingSaturating(right.nanoseconds))
  }

  public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(nanoseconds: moment.nanoseconds.addingSaturating(duration.wholeNanoseconds))
  }

  public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(nanoseconds: moment.nanoseconds.subtractingSaturating(duration.wholeNanoseconds))
  }

  /// RFC 3339 in UTC with millisecond precision: `2026-11-24T03:00:00.000Z`.
  public var description: String { formatted(fractionDigits: 3) }

  /// RFC 3339 in UTC with `fractionDigits` (0 to 9) digits of a second, cut off, not rounded.
  public func formatted(fractionDigits: Int) -> String {
    let time = CivilTime(self)
    var text =
      "\(time.year.padded(4))-\(time.month.padded(2))-\(time.day.padded(2))"
      + "T\(time.hour.padded(2)):\(time.minute.padded(2)):\(time.second.padded(2))"
    if fractionDigits > 0 {
      text += "." + time.nanosecond.padded(9).prefix(min(fractionDigits, 9))
    }
    return text + "Z"
  }

  /// ISO 8601's basic format in UTC, in whole seconds, cut off: `20261124T030000Z`.
  public var basicFormat: String {
    let time = CivilTime(self)
    var text: [UInt8] = []
    text.reserveCapacity(16)
    for part in [time.year / 100, time.year % 100, time.month, time.day] {
      text.append(twoDigitsOf: part)
    }
    text.append(UInt8(ascii: "T"))
    for part in [time.hour, time.minute, time.second] { text.append(twoDigitsOf: part) }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads RFC 3339 (section 5.6), with any offset and 0 to 9 fraction digits; nil when malformed.
  ///
  /// A second of 60 (a leap second) is read as the next minute's start.
  public init?(_ text: String) {
    var scanner = DigitScanner(text)
    guard let year = scanner.number(digits: 4), scanner.skip("-"),
      let month = scanner.number(digits: 2), (1...12).contains(month), scanner.skip("-"),
      let day = scanner.number(digits: 2), (1...CivilTime.days(inMonth: month, of: year)) ~= day,
      scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
      let hour = scanner.number(digits: 2), hour < 24, scanner.skip(":"),
      let minute = scanner.number(digits: 2), minute < 60, scanner.skip(":"),
      let second = scanner.number(digits: 2), second <= 60,
      let nanosecond = scanner.fraction(), let offset = scanner.offsetSeconds(), scanner.isAtEnd
    else { return nil }
    let days = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
    let seconds = Int64(days) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offset)
    let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return nil }
    self.nanoseconds = nanoseconds.addingSaturating(Int64(nanosecond))
  }
}

extension [UInt8] {
  /// Adds a number from 0 to 99 with two digits.
  fileprivate mutating func append(twoDigitsOf number: Int) {
    append(0x30 + UInt8(number / 10))
    append(0x30 + UInt8(number % 10))
  }
}

extension Timestamp: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Timestamp(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "not an RFC 3339 time: \(text)")
    }
    self = value
  }

  /// Encodes with all nine fraction digits, so that decoding gives the same moment back.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(formatted(fractionDigits: 9))
  }
}
