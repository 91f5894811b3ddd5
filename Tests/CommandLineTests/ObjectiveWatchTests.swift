import Evidence
import Platform
import RunEngine
import RunJournal
import StrictJSON
import Synchronization
import Testing

@testable import mosaic_dr

/// A clock that moves on only while somebody sleeps, and wakes the last sleeper by cancelling.
private final class SleeperClock: TimeSource {
  private let state: Mutex<(now: Timestamp, left: Int)>

  init(from start: Timestamp, sleeps: Int) { state = Mutex((start, sleeps)) }

  func now() -> ClockReading {
    state.withLock { ClockReading(wall: $0.now, sinceBoot: $0.now.nanoseconds) }
  }

  func sleep(for duration: Duration) async throws {
    let isOver = state.withLock { state in
      state.now = state.now + duration
      state.left -= 1
      return state.left < 0
    }
    if isOver { throw CancellationError() }
  }
}

/// When people are told that the RTO objective is at risk.
@Suite struct ObjectiveWatchTests {
  private static let start = Timestamp(unixSeconds: 1_000_000)

  private static let phases: [String: StepPhase] = [
    "db.restore": .recover, "db.check": .verify, "db.cleanup": .cleanup,
  ]

  private func event(
    _ type: EventType, _ step: String? = nil, _ body: JSONValue = [:], after seconds: Int
  ) throws -> JournalEvent {
    try .made(type, step, body, at: Self.start + .seconds(seconds))
  }

  /// A run with an objective of 100 seconds.
  private func opening() throws -> [JournalEvent] {
    let needs = ["db.check": ["db.restore"], "db.cleanup": ["db.check"]]
    let creation = RunCreation(
      plan: "p", planDigest: "d", planFile: "p.yaml", mode: .drill, options: [:],
      rtoObjective: 100_000, rpoObjective: nil,
      steps: ["db.restore", "db.check", "db.cleanup"].map { id in
        RunCreation.StepRecord(
          id: id, kind: "k", component: "db", phase: Self.phases[id] ?? .recover,
          dependsOn: needs[id] ?? [], summary: "s")
      },
      operatorIdentity: .current(), version: "0")
    let moments = try [Moment.Name.incident, .declared].map { name in
      try event(
        .moment, nil,
        try JSONValue(encoding: Moment(name, at: Self.start, evidence: .stated, source: "t")),
        after: 0)
    }
    return [try event(.runCreated, nil, try JSONValue(encoding: creation), after: 0)] + moments
  }

  private func steps(_ lengths: [(id: String, seconds: Int)]) throws -> [JournalEvent] {
    var (at, events) = (0, [JournalEvent]())
    for (id, seconds) in lengths {
      events.append(try event(.stepStarted, id, after: at))
      at += seconds
      events.append(try event(.stepSucceeded, id, after: at))
    }
    return events
  }

  private func forecast(_ state: RunState) throws -> Forecast {
    let past =
      try opening() + steps([("db.restore", 30), ("db.check", 40)])
      + [event(.runFinished, after: 70)]
    let prediction = Prediction(
      [try #require(RunReport(past))], mode: .drill, steps: state.creation?.steps ?? [])
    return Forecast(try #require(prediction), objective: 100_000)
  }

  /// The seconds at which a look, each without an event in between, finds the objective at risk.
  private func risks(_ watch: ObjectiveWatch, at seconds: [Int]) -> [Int] {
    seconds.filter { watch.look(at: Self.start + .seconds($0)).risk != nil }
  }

  @Test func fourFifthsOfTheTimeAreToldOnceWhileAStepHangs() throws {
    let state = RunState(try opening() + [event(.stepStarted, "db.restore", after: 1)])
    let watch = ObjectiveWatch(state, forecast: nil)
    #expect(risks(watch, at: [1, 60, 80, 81, 82, 200]) == [81])
  }

  @Test func whatIsLeftToDoDoesNotFitInAnyMore() throws {
    let state = RunState(try opening() + [event(.stepStarted, "db.restore", after: 0)])
    let watch = ObjectiveWatch(state, forecast: try forecast(state))
    // The check takes 40 of the 100 seconds: from the 61st on it comes too late.
    #expect(risks(watch, at: [1, 30, 60]) == [])
    let risk = watch.look(at: Self.start + .seconds(61)).risk
    #expect(risk == .init(objective: 100_000, elapsed: 61_000, expected: 101_000))
    #expect(risks(watch, at: [62, 90]) == [])
  }

  @Test func afterTheLastCheckNothingIsAtRisk() throws {
    let watch = ObjectiveWatch(RunState(try opening()), forecast: nil)
    for event in try steps([("db.restore", 30), ("db.check", 40)]) { watch.take(event) }
    #expect(risks(watch, at: [90, 200]) == [])
    watch.take(try event(.stepReopened, "db.check", after: 201))
    #expect(risks(watch, at: [202]) == [202])
  }

  @Test func theOutlookIsToldWhenItHasChanged() throws {
    let state = RunState(try opening() + [event(.stepStarted, "db.restore", after: 0)])
    let watch = ObjectiveWatch(state, forecast: try forecast(state))
    let told = [0, 10, 30, 35, 40].map {
      watch.look(at: Self.start + .seconds($0)).outlook?.rto
    }
    #expect(told == [70_000, nil, nil, nil, 80_000])
    let text = watch.look(at: Self.start + .seconds(70)).outlook?.text
    let words = "about 40.0 s to go, RTO about 1 m 50 s of 1 m 40 s: AT RISK"
    #expect(text == words)
  }

  /// Time alone brings the look about.
  @Test func aLookComesWithoutAnyEvent() async throws {
    let clock = SleeperClock(from: Self.start, sleeps: 90)
    let watch = ObjectiveWatch(RunState(try opening()), forecast: nil)
    var risks: [ObjectiveWatch.Risk] = []
    await watch.run(clock) { news, _ in risks += [news.risk].compactMap { $0 } }
    #expect(risks == [.init(objective: 100_000, elapsed: 81_000, expected: nil)])
  }
}
