import Platform
import RecoveryPlan
import StrictJSON

/// The windows that RDS works in: half an hour or more, within a day, UTC (ModifyDBInstance).
extension FieldType where Value == String {
  /// `03:00-03:30`
  static var dailyWindow: FieldType {
    window(
      "a daily window of at least 30 minutes", end: clock, example: "03:00-03:30",
      cycle: minutesADay, parse: minutes)
  }

  /// `sun:05:00-sun:05:30`
  static var weeklyWindow: FieldType {
    window(
      "a weekly window of 30 minutes to a day", end: "(\(days.joined(separator: "|"))):\(clock)",
      example: "sun:05:00-sun:05:30", cycle: days.count * minutesADay,
      parse: moment)
  }

  /// Two ends, in minutes since the cycle began; a window may pass over the cycle's end.
  private static func window(
    _ expectation: String, end: String, example: String, cycle: Int,
    parse: @escaping (Substring) -> Int?
  ) -> FieldType {
    .matching(expectation, pattern: "^\(end)-\(end)$", example: example) { text in
      let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(parse)
      guard ends.count == 2, let first = ends[0], let last = ends[1] else { return false }
      return (30...minutesADay).contains((last - first + cycle) % cycle)
    }
  }
}

private let minutesADay = 1_440
private let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
private let clock = "([01][0-9]|2[0-3]):[0-5][0-9]"

/// Minutes since midnight of `HH:MM`.
private func minutes(_ text: Substring) -> Int? {
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  guard parts.count == 2,
    parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(\.isDigit) }),
    let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
  else { return nil }
  return hour * 60 + minute
}

/// Minutes since Monday of `ddd:HH:MM`.
private func moment(_ text: Substring) -> Int? {
  guard let day = days.firstIndex(of: String(text.prefix(3))), text.dropFirst(3).first == ":",
    let minute = minutes(text.dropFirst(4))
  else { return nil }
  return day * minutesADay + minute
}
