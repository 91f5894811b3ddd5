import Platform

/// The hours in which a drill may begin, each day or on one day of the week: `Sat 06:00-10:00 UTC`.
public struct DrillWindow: Sendable, Equatable {
  /// The days of the week as plans, systemd and cron write them, Monday first.
  public static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

  /// As the plan writes it.
  public let text: String
  /// The day of the week, 0 for Monday; nil for every day.
  public let weekday: Int?
  /// When it opens, in minutes after midnight.
  public let opening: Int
  /// How long it is open, in minutes: at most a day, and over midnight when it ends before it begins.
  public let minutes: Int

  /// How long it is open.
  public var length: Duration { .seconds(minutes * 60) }

  /// When it opens on a day; nil when it does not.
  func opening(on day: CalendarDay) -> Timestamp? {
    guard weekday == nil || weekday == day.weekday else { return nil }
    return day.start + .seconds(opening * 60)
  }

  /// Whether it is open at a moment; its end does not belong to it.
  func isOpen(at moment: Timestamp) -> Bool {
    let today = CalendarDay(of: moment)
    return [today + -1, today].compactMap { opening(on: $0) }.contains {
      $0 <= moment && moment < $0 + length
    }
  }
}

extension DrillWindow {
  /// Reads a window; nil when the text is none.
  public init?(_ text: String) {
    var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
    var weekday: Int?
    if words.count == 3, let word = words.popFirst() {
      guard let index = Self.weekdays.firstIndex(of: String(word)) else { return nil }
      weekday = index
    }
    guard words.count == 2, words.last == "UTC", let times = words.first else { return nil }
    let ends = times.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let opening = Self.minutes(ends[0]), let closing = Self.minutes(ends[1])
    else { return nil }
    self.text = text
    self.weekday = weekday
    self.opening = opening
    minutes = closing > opening ? closing - opening : closing + 1_440 - opening
  }

  private static func minutes(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.utf8.allSatisfy(\.isDigit) }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }
}
