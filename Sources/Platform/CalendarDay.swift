/// A day of the proleptic Gregorian calendar, in UTC, where every day has 24 hours.
public struct CalendarDay: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Days since 1970-01-01; negative before it.
  public let number: Int

  /// The day that lies so many days after 1970-01-01.
  public init(number: Int) { self.number = number }

  /// The day that a moment lies in.
  public init(of moment: Timestamp) {
    number = Int(moment.unixSeconds.flooringQuotient(86_400))
  }

  /// A date; nil when the month has no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9_999).contains(year), (1...12).contains(month),
      (1...CivilTime.days(inMonth: month, of: year)).contains(day)
    else { return nil }
    number = CivilTime.daysSinceEpoch(year: year, month: month, day: day)
  }

  /// Reads `2026-11-24`; nil when it is no date.
  public init?(_ text: some StringProtocol) {
    var scanner = DigitScanner(String(text))
    guard let year = scanner.number(digits: 4), scanner.skip("-"),
      let month = scanner.number(digits: 2), scanner.skip("-"),
      let day = scanner.number(digits: 2), scanner.isAtEnd
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  private var date: (year: Int, month: Int, day: Int) {
    CivilTime.date(daysSinceEpoch: number)
  }
  /// The year.
  public var year: Int { date.year }
  /// The month, 1 to 12.
  public var month: Int { date.month }
  /// The day of the month, from 1.
  public var day: Int { date.day }

  /// The day of the week: 0 is Monday, 6 Sunday (ISO 8601). 1970-01-01 was a Thursday.
  public var weekday: Int { ((number + 3) % 7 + 7) % 7 }

  /// Its first moment.
  public var start: Timestamp { Timestamp(unixSeconds: Int64(number) * 86_400) }

  public static func < (left: CalendarDay, right: CalendarDay) -> Bool {
    left.number < right.number
  }

  /// The day that comes so many days later.
  public static func + (day: CalendarDay, count: Int) -> CalendarDay {
    CalendarDay(number: day.number + count)
  }

  /// `2026-11-24`
  public var description: String { String(start.formatted(fractionDigits: 0).prefix(10)) }
}
