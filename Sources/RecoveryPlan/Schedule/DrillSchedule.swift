public import Platform

/// When drills of a plan are due: one in each period of the calendar, begun in its window, and never in a
/// blackout. All of it is UTC.
public struct DrillSchedule: Sendable, Equatable {
  /// How often a drill is due.
  public enum Period: String, Sendable, CaseIterable {
    case day, week, month, quarter, year
  }

  /// How often a drill is due.
  public let every: Period
  /// When one may begin; nil for any time.
  public let window: DrillWindow?
  /// When none may begin.
  public let blackouts: [Blackout]

  /// Creates a schedule.
  public init(every: Period, window: DrillWindow? = nil, blackouts: [Blackout] = []) {
    self.every = every
    self.window = window
    self.blackouts = blackouts
  }

  /// As people say it: `every quarter, Sat 06:00-10:00 UTC`.
  public var shown: String {
    "every \(every.rawValue)" + (window.map { ", \($0.text)" } ?? "")
      + (blackouts.isEmpty ? "" : ", not \(blackouts.map(\.text).joined(separator: ", "))")
  }

  /// The blackout that a moment lies in.
  public func blackout(at moment: Timestamp) -> Blackout? {
    blackouts.first { $0.contains(CalendarDay(of: moment)) }
  }

  /// Whether a moment is one at which a drill may begin, blackouts apart.
  public func isOpen(at moment: Timestamp) -> Bool { window?.isOpen(at: moment) ?? true }
}

/// When the drill of one period may first begin, and until when it has to have begun.
public struct DrillOccasion: Sendable, Equatable {
  /// From when it is due.
  public let opens: Timestamp
  /// From when it is late.
  public let closes: Timestamp
}

extension DrillSchedule {
  /// How far is looked for a period that no blackout covers, in days.
  private static let horizon = 3 * 366

  /// The occasion that opened last.
  public func latestOccasion(openedBy moment: Timestamp) -> DrillOccasion? {
    occasion(from: CalendarDay(of: moment), by: -1) { $0.opens <= moment }
  }

  /// The occasion that closed last.
  public func latestOccasion(closedBy moment: Timestamp) -> DrillOccasion? {
    occasion(from: CalendarDay(of: moment), by: -1) { $0.closes <= moment }
  }

  /// The occasion that opens next.
  public func nextOccasion(after moment: Timestamp) -> DrillOccasion? {
    occasion(from: CalendarDay(of: moment), by: 1) { $0.opens > moment }
  }

  /// The occasions that open after one moment and close by another, in order.
  public func occasions(openingAfter first: Timestamp, closedBy last: Timestamp) -> [DrillOccasion]
  {
    var found: [DrillOccasion] = []
    var day = firstDay(ofPeriodWith: CalendarDay(of: first))
    while day.start <= last {
      let next = firstDay(ofPeriodAfter: day)
      if let occasion = occasion(in: day..<next), occasion.opens > first, occasion.closes <= last {
        found.append(occasion)
      }
      day = next
    }
    return found
  }

  private func occasion(
    from day: CalendarDay, by direction: Int, where accepts: (DrillOccasion) -> Bool
  ) -> DrillOccasion? {
    var first = firstDay(ofPeriodWith: day)
    while abs(first.number - day.number) <= Self.horizon {
      let next = firstDay(ofPeriodAfter: first)
      if let occasion = occasion(in: first..<next), accepts(occasion) { return occasion }
      first = direction > 0 ? next : firstDay(ofPeriodWith: first + -1)
    }
    return nil
  }

  /// The first window of a period that opens outside every blackout; without windows, all of the period
  /// that no blackout takes at either end. Nil when nothing is left.
  private func occasion(in period: Range<CalendarDay>) -> DrillOccasion? {
    let days = (period.lowerBound.number..<period.upperBound.number).lazy
      .map(CalendarDay.init(number:)).filter { day in !blackouts.contains { $0.contains(day) } }
    guard let window else {
      guard let first = days.first, let last = days.last else { return nil }
      return DrillOccasion(opens: first.start, closes: (last + 1).start)
    }
    return days.compactMap { window.opening(on: $0) }.first.map {
      DrillOccasion(opens: $0, closes: $0 + window.length)
    }
  }

  private func firstDay(ofPeriodWith day: CalendarDay) -> CalendarDay {
    switch every {
    case .day: day
    case .week: day + -day.weekday
    case .month: day + (1 - day.day)
    case .quarter: firstDay(of: (day.month - 1) / 3 * 3 + 1, day)
    case .year: firstDay(of: 1, day)
    }
  }

  private func firstDay(ofPeriodAfter first: CalendarDay) -> CalendarDay {
    // Longer than any period and shorter than any two.
    let beyond = [Period.day: 1, .week: 7, .month: 31, .quarter: 92, .year: 366][every] ?? 1
    return firstDay(ofPeriodWith: first + beyond)
  }

  private func firstDay(of month: Int, _ day: CalendarDay) -> CalendarDay {
    CalendarDay(year: day.year, month: month, day: 1) ?? day
  }
}
