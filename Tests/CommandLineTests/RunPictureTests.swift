import Platform
import RunEngine
import RunJournal
import StrictJSON
import Testing

@testable import Evidence
@testable import mosaic_dr

/// What a run looks like on terminals of several kinds.
@Suite struct RunPictureTests {
  private static let start = Timestamp(unixSeconds: 1_000_000)

  private let steps = [
    step("db.point", .prepare), step("db.restore", .recover), step("db.check", .verify),
    step("media.compare", .verify, component: "media"),
  ]

  private static func step(
    _ id: String, _ phase: StepPhase, component: String = "db"
  ) -> RunCreation.StepRecord {
    RunCreation.StepRecord(
      id: id, kind: "k", component: component, phase: phase, dependsOn: [], summary: "do \(id)")
  }

  private func picture(objective: Duration? = .seconds(60)) -> RunPicture {
    RunPicture(
      steps: steps, critical: ["db.restore"], title: "drill of p  01ABC", objective: objective)
  }

  /// A state in which the events of these types and bodies have come, a second after each other.
  private func state(_ events: [(EventType, String?, JSONValue)]) throws -> RunState {
    var state = RunState()
    for (index, (type, step, body)) in events.enumerated() {
      state.apply(
        try .made(type, step, body, number: index + 1, at: Self.start + .seconds(index)))
    }
    return state
  }

  private func underWay() throws -> RunState {
    try state([
      (
        .moment, nil,
        try JSONValue(
          encoding: Moment(.incident, at: Self.start, evidence: .stated, source: "test"))
      ),
      (.stepStarted, "db.point", [:]), (.stepSucceeded, "db.point", ["output": "x"]),
      (.stepStarted, "db.restore", [:]),
      (.stepWaiting, "db.restore", try JSONValue(encoding: Progress("creating", percent: 30))),
    ])
  }

  @Test func aWideTerminalShowsEverything() throws {
    let canvas = RunPicture.Canvas(columns: 100, rows: 24, isUnicode: true)
    let lines = picture().lines(try underWay(), at: Self.start + .seconds(12), on: canvas)
    #expect(
      lines.map(\.text) == [
        "drill of p  01ABC  1 of 4 steps  12.0 s of 1 m 00 s (RTO)  ████░░░░░░░░░░░░░░░░",
        "db", "  ✓ point        1.0 s", "  ▸ restore*     9.0 s  creating (30 %)",
        "  · check               do db.check", "media", "  · compare             do media.compare",
      ])
  }

  /// A drill still deletes its copy once everything is back: that is no part of the RTO.
  @Test func theClockStopsWithTheLastCheck() throws {
    let steps = self.steps + [Self.step("db.cleanup", .cleanup)]
    let picture = RunPicture(
      steps: steps, critical: [], title: "drill of p", objective: .seconds(60))
    var events: [(EventType, String?, JSONValue)] = [
      (
        .moment, nil,
        try JSONValue(
          encoding: Moment(.incident, at: Self.start, evidence: .stated, source: "test"))
      )
    ]
    for step in ["db.check", "media.compare"] {
      events += [(.stepStarted, step, [:]), (.stepSucceeded, step, ["output": "x"])]
    }
    events.append((.stepStarted, "db.cleanup", [:]))
    let canvas = RunPicture.Canvas(columns: 100, rows: 24, isUnicode: true)
    let outlook = Forecast.Outlook(
      left: .init(shortest: 1, likely: 1, longest: 1), rto: 1, objective: 60_000)
    let lines = picture.lines(
      try state(events), outlook: outlook, at: Self.start + .seconds(50), on: canvas)
    let head = "drill of p  2 of 5 steps  recovered after 4.0 s of 1 m 00 s (RTO)"
    #expect(lines[0].text.hasPrefix(head), "\(lines[0].text)")
    #expect(lines[1].text == "db")
    // What was given up will not be back at any time.
    events[3] = (.stepCancelled, "db.check", [:])
    events[4] = (.stepCancelled, "media.compare", [:])
    let cancelled = picture.lines(
      try state(events), outlook: outlook, at: Self.start + .seconds(50), on: canvas)
    #expect(cancelled[0].text.contains("  50.0 s of 1 m 00 s"), "\(cancelled[0].text)")
    #expect(cancelled[1].text == "db")
  }

  /// What a step waits for is read more often than the end of another one's name.
  @Test func aLongNameTakesNoRoomFromOtherSteps() throws {
    let long = "db.namespace.a-name-of-a-namespace-that-is-very-long-indeed"
    let picture = RunPicture(
      steps: steps + [Self.step(long, .recover)], critical: [], title: "t", objective: nil)
    let canvas = RunPicture.Canvas(columns: 80, rows: 24, isUnicode: true)
    let lines = picture.lines(try underWay(), at: Self.start + .seconds(12), on: canvas).map(\.text)
    #expect(lines.contains { $0.hasSuffix("9.0 s  creating (30 %)") && $0.count < 70 })
    #expect(lines.contains { $0.contains(long.dropFirst(3)) })
  }

  @Test func aNarrowTerminalIsNeverOverrun() throws {
    for columns in [20, 40, 80] {
      let canvas = RunPicture.Canvas(columns: columns, rows: 24, isUnicode: false)
      let lines = picture().lines(try underWay(), at: Self.start + .seconds(12), on: canvas)
      for line in lines {
        #expect(line.text.count <= columns)
        #expect(line.text.utf8.allSatisfy { $0 < 0x80 }, "\(line.text)")
      }
    }
  }

  /// The run's name may be cut, but not how it stands against its objective.
  @Test(arguments: 28...58) func theClockIsNeverCut(columns: Int) throws {
    let canvas = RunPicture.Canvas(columns: columns, rows: 24, isUnicode: true)
    let lines = picture().lines(try underWay(), at: Self.start + .seconds(50), on: canvas)
    let clock = try #require(lines.first { $0.text.contains("50.0 s of 1 m 00 s (RTO)") })
    #expect(clock.color == .yellow)
    #expect(lines.allSatisfy { $0.text.count <= columns })
    #expect(lines[0].text.hasPrefix("drill of p"))
  }

  /// The words of a picture, however its lines are broken.
  private func words(_ lines: [RunPicture.Line]) -> String {
    lines.flatMap { $0.text.split(separator: " ") }.joined(separator: " ")
  }

  private let longTitle = RunPicture(
    steps: [step("db.point", .prepare), step("db.check", .verify)], critical: [],
    title: "drill of orders-db  01ARZ3NDEKTSV4RRFFQ69G5FAV", objective: .seconds(5_400))

  private let late = Forecast.Outlook(
    left: Prediction.Range(shortest: 1_200_000, likely: 1_830_000, longest: 2_400_000),
    rto: 5_500_000, objective: 5_400_000)

  /// Neither the run, nor how far it is, nor that it will not keep its objective.
  @Test(arguments: 40...60) func theHeadingIsBrokenRatherThanCut(columns: Int) throws {
    let canvas = RunPicture.Canvas(columns: columns, rows: 24, isUnicode: true)
    let lines = longTitle.lines(
      try underWay(), outlook: late, at: Self.start + .seconds(3_670), on: canvas)
    let head = lines.prefix { $0.text != "db" }
    #expect(
      words(Array(head))
        == "drill of orders-db 01ARZ3NDEKTSV4RRFFQ69G5FAV 1 of 2 steps 1 h 01 m of 1 h 30 m (RTO) "
        + "about 30 m 30 s to go (20 m 00 s to 40 m 00 s), RTO about 1 h 31 m of 1 h 30 m: AT RISK")
    #expect(lines.allSatisfy { $0.text.count <= columns })
    #expect(head.last?.color == .yellow)
  }

  @Test(arguments: 40...60) func theTimeToTheRecoveryIsNeverCut(columns: Int) throws {
    let canvas = RunPicture.Canvas(columns: columns, rows: 24, isUnicode: true)
    var state = try underWay()
    state.apply(
      try .made(.stepSucceeded, "db.check", [:], number: 6, at: Self.start + .seconds(3_670)))
    let lines = longTitle.lines(state, at: Self.start + .seconds(4_000), on: canvas)
    #expect(words(lines).contains("recovered after 1 h 01 m of 1 h 30 m (RTO)"))
    #expect(lines.allSatisfy { $0.text.count <= columns })
  }

  /// A picture with more lines than rows could not be drawn over.
  @Test(arguments: [20, 40, 60, 120]) func aBrokenHeadingLeavesRoom(columns: Int) throws {
    for rows in 3...12 {
      let canvas = RunPicture.Canvas(columns: columns, rows: rows, isUnicode: true)
      let lines = longTitle.lines(
        try underWay(), outlook: late, at: Self.start + .seconds(3_670), on: canvas)
      #expect(lines.count <= rows - 1, "\(rows) rows")
    }
  }

  @Test func aLowTerminalKeepsWhatIsUnderWay() throws {
    let canvas = RunPicture.Canvas(columns: 80, rows: 7, isUnicode: true)
    let lines = picture().lines(try underWay(), at: Self.start + .seconds(12), on: canvas)
    #expect(lines.count <= 6)
    #expect(lines.contains { $0.text.contains("restore*") })
    #expect(lines.contains { $0.text == "· media  1 step" })
  }

  @Test func aCommandForAPersonIsNeverCut() throws {
    let command = "mosaic-dr approve 01ARZ3NDEKTSV4RRFFQ69G5FAV approval"
    let asked = try state([
      (.stepStarted, "db.point", [:]),
      (.stepWaiting, "db.point", try JSONValue(encoding: Progress("approval 0 of 1: \(command)"))),
    ])
    let canvas = RunPicture.Canvas(columns: 40, rows: 24, isUnicode: true)
    let lines = picture().lines(asked, at: Self.start, on: canvas)
    #expect(lines.contains { $0.text.hasSuffix(command) && $0.isWhole })
  }

  @Test func theObjectiveIsWarnedOf() throws {
    let canvas = RunPicture.Canvas(columns: 80, rows: 24, isUnicode: true)
    let colors = try [12, 50, 61].map { seconds in
      picture().lines(try underWay(), at: Self.start + .seconds(seconds), on: canvas)[0].color
    }
    #expect(colors == [.bold, .yellow, .red])
  }

  @Test func theExpectedEndStandsBelowTheObjectiveAsLongAsTheRunLasts() throws {
    let canvas = RunPicture.Canvas(columns: 100, rows: 24, isUnicode: true)
    let outlook = { (rto: Int64) in
      Forecast.Outlook(
        left: Prediction.Range(shortest: 20_000, likely: 30_000, longest: 40_000), rto: rto,
        objective: 60_000)
    }
    let second = { (state: RunState, rto: Int64) in
      picture().lines(
        state, outlook: outlook(rto), at: Self.start + .seconds(12), on: canvas)[1]
    }
    let words = "  about 30.0 s to go (20.0 s to 40.0 s), RTO about"
    #expect(
      second(try underWay(), 42_000) == .init(text: "\(words) 42.0 s of 1 m 00 s", color: .dim))
    #expect(
      second(try underWay(), 61_000)
        == .init(text: "\(words) 1 m 01 s of 1 m 00 s: AT RISK", color: .yellow))
    var over = try underWay()
    over.apply(try .made(.runFinished, nil, [:], number: 6, at: Self.start + .seconds(11)))
    #expect(second(over, 42_000).text == "db")
  }
}
