import Platform
import RunJournal
import StrictJSON
import Testing

@testable import Evidence
@testable import RecoveryPlan

/// How drills stand against what plans ask for, from entries of a ledger.
@Suite struct DrillStandingTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private static let quarterly = DrillSchedule(
    every: .quarter, window: DrillWindow("Sat 06:00-10:00 UTC"))

  private func plan(
    _ schedule: DrillSchedule? = quarterly, name: String = "p", bytes: String = "plan",
    executed: String? = nil, includes: [IncludedPlan] = []
  ) -> RecoveryPlan {
    RecoveryPlan(
      name: name, owner: nil, tags: [:], rto: nil, rpo: nil, primaryRegion: "us-east-1",
      recoveryRegion: "us-west-2", restoreApprovals: 0, drillApprovals: 0, schedule: schedule,
      timeout: .seconds(1), components: [], includes: includes, scenario: nil, controls: [],
      file: "p.yaml", bytes: Array(bytes.utf8), ownExecutedDigest: executed ?? bytes)
  }

  /// A drill of the plan as it is, on a day.
  private struct Drill {
    let day: String
    var verdict: String? = "pass"
    var plan: RecoveryPlan?
    /// Whether the ledger is of a version that knows no digest of what is executed.
    var isOfBefore = false
  }

  private func history(_ drills: [Drill]) throws -> DrillHistory {
    var entries: [LedgerEntry] = []
    let add = { (kind: LedgerEntry.Kind, content: JSONObject, day: String) in
      let at = try #require(Timestamp("\(day)T07:00:00Z"))
      entries.append(
        try LedgerEntry(
          .init(kind, content), index: entries.count, at: ClockReading(wall: at, sinceBoot: 0),
          by: .current()))
    }
    for (number, drill) in drills.enumerated() {
      let plan = drill.plan ?? plan()
      let run = JSONValue.string("run-\(number)")
      var start = plan.schedule?.entry ?? [:]
      start["run"] = run
      start["plan"] = "p"
      start["mode"] = "drill"
      start["plan_sha256"] = .string(plan.digest)
      start["included_sha256"] = plan.includedDigests.map {
        .string(DrillHistory.digest(ofIncluded: $0))
      }
      start["executed_sha256"] = drill.isOfBefore ? nil : .string(plan.executedDigest)
      try add(.runStarted, start, drill.day)
      guard let verdict = drill.verdict else { continue }
      try add(.runFinished, ["run": run, "plan": "p", "verdict": .string(verdict)], drill.day)
    }
    return DrillHistory.all(in: entries)["p"] ?? DrillHistory()
  }

  private func standing(
    _ plan: RecoveryPlan, _ drills: [Drill], on moment: String
  ) throws -> DrillStanding {
    DrillStanding(of: plan, try history(drills), now: try #require(Timestamp("\(moment):00Z")))
  }

  @Test(arguments: [
    // The windows of 2026: 3 January, 4 April, 4 July, 3 October.
    ("2026-10-03", "pass", "2026-12-31T00:00", DrillStanding.State.current),
    ("2026-10-24", "pass_with_exceptions", "2026-12-31T00:00", .current),
    ("2026-07-04", "pass", "2026-10-03T05:59", .current),
    ("2026-07-04", "pass", "2026-10-03T06:00", .due),
    ("2026-07-04", "pass", "2026-10-03T10:00", .overdue),
    ("2026-10-03", "fail", "2026-10-03T08:00", .due),
    ("2026-10-03", "fail", "2026-10-03T10:00", .overdue),
    ("2026-10-03", "not_measured", "2026-10-04T00:00", .overdue),
  ])
  func aDrillIsOverdueOnceItsWindowHasClosedWithoutAPass(
    day: String, verdict: String, now: String, expected: DrillStanding.State
  ) throws {
    let drills = [Drill(day: "2026-07-04"), Drill(day: day, verdict: verdict)]
    let standing = try standing(plan(), drills, on: now)
    #expect(standing.state == expected)
  }

  @Test func whatWasNeverDrilledIsOverdueAndUnproven() throws {
    let standing = try standing(plan(), [], on: "2026-11-25T00:00")
    #expect(standing.state == .overdue)
    #expect(standing.isUnproven)
    #expect(standing.nextDue?.opens == Timestamp("2027-01-02T06:00:00Z"))
    #expect(try self.standing(plan(nil), [], on: "2026-11-25T00:00").state == .unscheduled)
  }

  @Test func aPlanIsUnprovenOnceItOrWhatItIncludesHasChanged() throws {
    let part = IncludedPlan(name: "q", dependsOn: [], plan: plan(name: "q", bytes: "part"))
    let changed = IncludedPlan(name: "q", dependsOn: [], plan: plan(name: "q", bytes: "other part"))
    let whole = plan(includes: [part])
    let drilled = [Drill(day: "2026-10-03", plan: whole)]
    let now = "2026-10-04T00:00"
    #expect(!(try standing(whole, drilled, on: now).isUnproven))
    #expect(try standing(plan(bytes: "new", includes: [part]), drilled, on: now).isUnproven)
    #expect(try standing(plan(includes: [changed]), drilled, on: now).isUnproven)
    let failed = drilled + [Drill(day: "2026-10-04", verdict: "fail", plan: plan(bytes: "new"))]
    #expect(!(try standing(whole, failed, on: now).isUnproven))
  }

  @Test func aPlanThatWouldDoTheSameIsStillProven() throws {
    let now = "2026-10-04T00:00"
    let drilled = plan(bytes: "old", executed: "same")
    let rewritten = plan(nil, bytes: "another schedule", executed: "same")
    #expect(
      !(try standing(rewritten, [Drill(day: "2026-10-03", plan: drilled)], on: now).isUnproven))
    let before = Drill(day: "2026-10-03", plan: drilled, isOfBefore: true)
    #expect(try standing(rewritten, [before], on: now).isUnproven)
    #expect(!(try standing(drilled, [before], on: now).isUnproven))
  }

  @Test func occasionsWithoutADrillAreMissedAndLateOnesAreNot() throws {
    let missed = try standing(
      plan(), [Drill(day: "2026-01-03"), Drill(day: "2026-07-04")], on: "2026-11-25T00:00"
    ).missed
    #expect(
      missed.map(\.opens) == [
        Timestamp("2026-04-04T06:00:00Z"), Timestamp("2026-10-03T06:00:00Z"),
      ])
    let late = try standing(
      plan(), [Drill(day: "2026-01-03"), Drill(day: "2026-06-20"), Drill(day: "2026-07-04")],
      on: "2026-09-01T00:00")
    #expect(late.missed.isEmpty)
  }

  @Test func aRefusalIsRecordedOnceADay() async throws {
    let now = SystemTime().now().wall
    let runs = fixture.runLedger()
    for reason in ["blackout", "blackout", "another run"] {
      try await runs.recordRefusal(of: plan(), because: reason, at: now)
    }
    let history = DrillHistory(of: "p", in: try fixture.ledger.read())
    #expect(history.refusals.map(\.reason) == ["blackout", "another run"])
    #expect(DrillStanding(of: plan(), history, now: now).lastRefusal?.reason == "another run")
  }

  @Test func theAuditNamesScheduledPlansThatWereNeverDrilled() throws {
    let audit = LedgerAudit(
      try fixture.ledger.read(), runs: [], reports: [], plans: [plan()], anchored: [],
      now: SystemTime().now().wall)
    #expect(audit.warnings.contains { $0.contains("Sat 06:00-10:00 UTC, and none ever began") })
  }
}
