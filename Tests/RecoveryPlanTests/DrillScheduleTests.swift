import Platform
import RecoveryPlan
import Testing

/// When drills are due, by the calendar.
@Suite struct DrillScheduleTests {
  private func moment(_ text: String) throws -> Timestamp {
    try #require(Timestamp(text.count == 10 ? "\(text)T00:00:00Z" : "\(text):00Z"))
  }

  private func schedule(
    _ every: DrillSchedule.Period, _ window: String? = nil, _ blackouts: String...
  ) throws -> DrillSchedule {
    DrillSchedule(
      every: every, window: try window.map { try #require(DrillWindow("\($0) UTC")) },
      blackouts: try blackouts.map { try #require(Blackout($0)) })
  }

  /// `2026-01-03T06:00/2026-01-03T10:00`
  private func shown(_ occasion: DrillOccasion?) -> String {
    guard let occasion else { return "never" }
    return [occasion.opens, occasion.closes].map { "\($0.formatted(fractionDigits: 0).prefix(16))" }
      .joined(separator: "/")
  }

  @Test(arguments: [
    (DrillSchedule.Period.day, nil, "2026-11-25T12:00", "2026-11-26T00:00/2026-11-27T00:00"),
    (.day, "06:00-10:00", "2026-11-25T05:59", "2026-11-25T06:00/2026-11-25T10:00"),
    // 2026-11-25 is a Wednesday.
    (.week, nil, "2026-11-25T12:00", "2026-11-30T00:00/2026-12-07T00:00"),
    (.week, "Sat 06:00-10:00", "2026-11-25T12:00", "2026-11-28T06:00/2026-11-28T10:00"),
    (.month, nil, "2028-01-31T23:59", "2028-02-01T00:00/2028-03-01T00:00"),
    (.month, "Tue 22:00-02:00", "2028-02-01T21:59", "2028-02-01T22:00/2028-02-02T02:00"),
    (.quarter, "Sat 06:00-10:00", "2026-11-25T12:00", "2027-01-02T06:00/2027-01-02T10:00"),
    (.year, nil, "2027-12-31T00:00", "2028-01-01T00:00/2029-01-01T00:00"),
    // Of a window over midnight the opening counts.
    (.year, "Fri 23:00-01:00", "2027-12-31T23:30", "2028-01-07T23:00/2028-01-08T01:00"),
  ])
  func theNextOccasionIsTheFirstWindowOfItsPeriod(
    every: DrillSchedule.Period, window: String?, now: String, expected: String
  ) throws {
    let next = try schedule(every, window).nextOccasion(after: try moment(now))
    #expect(shown(next) == expected)
  }

  @Test func leapDaysAreDaysAndCenturiesAreNotLeapYears() throws {
    let daily = try schedule(.day)
    for (now, next) in [
      ("2028-02-28T12:00", "2028-02-29"), ("2100-02-28T12:00", "2100-03-01"),
      ("2000-02-28T12:00", "2000-02-29"),
    ] {
      #expect(shown(daily.nextOccasion(after: try moment(now))).hasPrefix(next))
    }
    let days = try schedule(.day).occasions(
      openingAfter: try moment("2027-12-31"), closedBy: try moment("2029-01-01"))
    #expect(days.count == 366)
  }

  @Test func openedAndClosedOccasionsAreToldApart() throws {
    let quarterly = try schedule(.quarter, "Sat 06:00-10:00")
    let during = try moment("2026-10-03T07:00")
    #expect(
      shown(quarterly.latestOccasion(openedBy: during)) == "2026-10-03T06:00/2026-10-03T10:00")
    #expect(
      shown(quarterly.latestOccasion(closedBy: during)) == "2026-07-04T06:00/2026-07-04T10:00")
    let after = try moment("2026-10-03T10:00")
    #expect(quarterly.latestOccasion(closedBy: after) == quarterly.latestOccasion(openedBy: after))
  }

  @Test func aBlackoutPutsADrillOffToTheNextWindowOfThePeriod() throws {
    let now = try moment("2026-12-01")
    let frozen = try schedule(.quarter, "Sat 06:00-10:00", "12-19/01-10")
    #expect(shown(frozen.nextOccasion(after: now)) == "2027-01-16T06:00/2027-01-16T10:00")
    let once = try schedule(.quarter, "Sat 06:00-10:00", "2027-01-01/2027-01-02")
    #expect(shown(once.nextOccasion(after: now)) == "2027-01-09T06:00/2027-01-09T10:00")
    let cut = try schedule(.month, nil, "12-19/01-10")
    #expect(shown(cut.nextOccasion(after: now)) == "2027-01-11T00:00/2027-02-01T00:00")
    let never = try schedule(.week, nil, "01-01/12-31")
    #expect(never.nextOccasion(after: now) == nil)
    #expect(never.latestOccasion(closedBy: now) == nil)
  }

  @Test(arguments: [
    ("12-19/01-04", "2026-12-18", false), ("12-19/01-04", "2026-12-19", true),
    ("12-19/01-04", "2027-01-04", true), ("12-19/01-04", "2027-01-05", false),
    ("02-20/02-29", "2027-02-28", true), ("02-20/02-29", "2027-03-01", false),
    ("02-20/02-29", "2028-02-29", true), ("2026-12-19/2027-01-04", "2027-12-20", false),
  ])
  func aBlackoutHoldsBothOfItsEnds(text: String, day: String, isIn: Bool) throws {
    #expect(try #require(Blackout(text)).contains(try #require(CalendarDay(day))) == isIn)
  }

  @Test(arguments: [
    "", "12-19", "12-32/01-04", "2027-01-04/2026-12-19", "2027-02-29/2027-03-01", "1-1/2-2",
    "12-19/2027-01-04", "12-19/01-04/02-02",
  ])
  func whatIsNoBlackoutIsRefused(text: String) { #expect(Blackout(text) == nil) }

  @Test func aWindowIsOpenUntilItsEndAlsoOverMidnight() throws {
    let night = try schedule(.week, "Sat 22:00-02:00")
    for (now, isOpen) in [
      ("2026-11-28T21:59", false), ("2026-11-28T22:00", true), ("2026-11-29T01:59", true),
      ("2026-11-29T02:00", false), ("2026-11-29T22:00", false),
    ] {
      #expect(night.isOpen(at: try moment(now)) == isOpen, "\(now)")
    }
  }
}
