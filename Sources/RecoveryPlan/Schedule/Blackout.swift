public import Platform

/// Days on which no drill may begin, both ends included: `2026-12-19/2027-01-04` once, `12-19/01-04`
/// every year.
public struct Blackout: Sendable, Equatable {
  enum Days: Equatable {
    case once(ClosedRange<CalendarDay>)
    /// Months and days as one number each, so that they compare: 1219 for 19 December.
    case yearly(from: Int, to: Int)
  }

  /// As the plan writes it.
  public let text: String
  let days: Days

  /// Whether a day lies in it.
  public func contains(_ day: CalendarDay) -> Bool {
    switch days {
    case .once(let range): return range.contains(day)
    case .yearly(let from, let to):
      let number = day.month * 100 + day.day
      return from <= to ? from <= number && number <= to : number >= from || number <= to
    }
  }
}

extension Blackout {
  /// Reads a blackout; nil when the text is none.
  public init?(_ text: String) {
    let ends = text.split(separator: "/", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return nil }
    if let first = CalendarDay(ends[0]), let last = CalendarDay(ends[1]), first <= last {
      days = .once(first...last)
    } else if let from = Self.dayOfYear(ends[0]), let to = Self.dayOfYear(ends[1]) {
      days = .yearly(from: from, to: to)
    } else {
      return nil
    }
    self.text = text
  }

  /// A leap year knows every day that may be named.
  private static func dayOfYear(_ text: Substring) -> Int? {
    CalendarDay("2024-\(text)").map { $0.month * 100 + $0.day }
  }
}
