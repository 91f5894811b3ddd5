import Evidence
import Platform
import RecoveryPlan
import Testing

@testable import mosaic_dr

/// What comes of a drill that a timer asks for; nobody has drilled the plan yet.
@Suite struct DrillTurnTests {
  private func turn(
    at moment: String, _ blackouts: [String] = [], open: [DrillTurn.OpenRun] = []
  ) throws -> DrillTurn {
    let schedule = DrillSchedule(
      every: .quarter, window: DrillWindow("Sat 06:00-10:00 UTC"),
      blackouts: blackouts.compactMap { Blackout($0) })
    let nowhere = Ledger(folder: "/nonexistent", time: SystemTime())
    return DrillTurn(
      schedule, DrillHistory(of: "p", in: try nowhere.read()), open: open,
      at: try #require(Timestamp("\(moment):00Z")))
  }

  private func run(
    isDrill: Bool = true, isHeld: Bool = false, isLaidDown: Bool = false
  ) -> DrillTurn.OpenRun {
    DrillTurn.OpenRun(id: "RUN", isDrill: isDrill, isHeld: isHeld, isLaidDown: isLaidDown)
  }

  @Test func aDrillThatIsDueBeginsInItsWindowAndNotBesideIt() throws {
    #expect(try turn(at: "2026-10-03T06:10") == .begins)
    // A Saturday later in the quarter makes up for the first one.
    #expect(try turn(at: "2026-11-28T09:59") == .begins)
    #expect(
      try turn(at: "2026-11-28T10:00")
        == .notNow("a drill is due, and may begin Sat 06:00-10:00 UTC"))
  }

  @Test func aBlackoutRefuses() throws {
    #expect(
      try turn(at: "2026-12-26T06:10", ["12-19/01-04"])
        == .refused("no drill may begin in the blackout 12-19/01-04"))
  }

  @Test func anotherRunOfThePlanRefuses() throws {
    let now = "2026-10-03T06:10"
    for other in [run(isHeld: true), run(isDrill: false, isHeld: true)] {
      #expect(try turn(at: now, open: [other]) == .refused("run RUN of the plan is under way"))
    }
    #expect(
      try turn(at: now, open: [run(isLaidDown: true)])
        == .refused("drill RUN is laid down and not over: mosaic-dr resume RUN"))
    #expect(try turn(at: now, open: [run(isDrill: false, isLaidDown: true)]) == .begins)
  }

  @Test func aDrillThatDiedIsGoneOnWithAtAnyHour() throws {
    #expect(try turn(at: "2026-12-24T23:00", ["12-19/01-04"], open: [run()]) == .goesOn(run: "RUN"))
  }
}
