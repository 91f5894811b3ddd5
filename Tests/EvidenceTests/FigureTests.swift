import Measurement
import RunJournal
import StrictJSON
import Testing

@testable import Evidence

@Suite struct FigureTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  @Test func theWorseRPOCountsAndDecidesTheVerdict() async throws {
    let figures = try await fixture.report().figures
    #expect(figures.rpo.achieved == 30_000)
    #expect(figures.components.first?.rpoMeasured == 20_000)
    #expect(figures.verdict == .pass)
    #expect(figures.criticalPath == ["db.restore", "db.check"])
    let split = figures.split
    #expect(
      split.beforeRun + split.person + split.cloud + split.verification + split.overhead
        == figures.rto.achieved)
  }

  @Test func aMissedObjectiveFails() async throws {
    let figures = try await fixture.report(.init(rpo: 25)).figures
    #expect(figures.verdict == .fail)
    #expect(figures.reasons == ["the RPO objective is missed"])
  }

  @Test func theAccountTellsWhatWasMadeRemovedSeenAndInterrupted() async throws {
    let account = try await fixture.report(.init(end: .killed)).account
    #expect(account.made.map(\.what) == ["database copy"])
    #expect(account.made.first?.identity == "db-1")
    #expect(account.removed.map(\.what) == ["database copy"])
    #expect(account.checks.first?.value == "7")
    #expect(account.executors.count == 2)
    #expect(account.deviations.map(\.kind) == ["interrupted"])
    #expect(account.steps.first?.attempts.map(\.outcome) == ["interrupted", "succeeded"])
  }

  @Test func whatDidNotRunIsTold() async throws {
    let account = try await fixture.report(.init(end: .failed, word: "the value is wrong")).account
    #expect(account.steps.map(\.status) == ["succeeded", "failed", "cancelled"])
    #expect(account.deviations.contains { $0.kind == "failed" && $0.text == "the value is wrong" })
    #expect(account.deviations.contains { $0.kind == "objective" })
  }

  @Test func growthIsToldFromChance() throws {
    let change = { (before: Int64?, after: Int64?) in
      Change(name: "RTO", before: before, after: after).growth
    }
    #expect(change(100, 120) == 20)
    #expect(change(100, 50) == -50)
    #expect(change(0, 50) == nil)
    #expect(change(nil, 50) == nil)
  }

  @Test(arguments: [(10_000, 20, 1), (10_000, 200, 0), (29_500, 0, 0), (60_000, 0, 0)])
  func aRegressionIsMoreThanAllowedAndMoreThanASecond(
    before: Int64, percent: Int64, count: Int
  ) async throws {
    // The RPO of the run is 30 seconds by definition; how long it took is not asked.
    let figures = try await fixture.report().figures
    let baseline = try JSONValue.object([
      "run": "r", "rpo_ms": .integer(before), "components": [],
    ]).decode(Baseline.self)
    let regressions = Comparison(of: figures, with: baseline).regressions(beyond: percent)
    #expect(regressions.map(\.name) == Array(repeating: "RPO", count: count))
  }

  /// The bound that the run was given, else the usual one.
  @Test(arguments: [(25_000, nil, false), (20_000, nil, true), (20_000, "60", false)])
  func aRegressionStandsInTheNextReport(
    before: Int64, allowed: String?, isTold: Bool
  ) async throws {
    let options = allowed.map { [RunReport.regressionOption: $0] } ?? [:]
    let plain = try await fixture.report(.init(options: options))
    let baseline = try JSONValue.object([
      "run": "EARLIER", "rpo_ms": .integer(before), "components": [],
    ]).decode(Baseline.self)
    let report = try #require(RunReport(plain.events, baseline: baseline))
    let told = report.account.deviations.filter { $0.kind == "regression" }.map(\.text)
    let growth =
      "the RPO grew by 50 % since the last drill that passed, EARLIER: from 20.0 s to 30.0 s"
    #expect(told == (isTold ? [growth] : []))
    // It follows from the record, and a reader finds it.
    #expect(try RunReport(json: try report.json()).account == report.account)
    #expect(HTMLReport.page(report).contains("grew by 50 %") == isTold)
    #expect(fixture.refusal(of: try await fixture.write(report)) == nil)
  }

  @Test func theFutureIsPredictedFromThePast() async throws {
    let report = try await fixture.report()
    let prediction = try #require(
      Prediction([report], mode: .drill, steps: report.creation.steps))
    #expect(prediction.runs == 1)
    #expect(Prediction([report], mode: .restore, steps: report.creation.steps) == nil)
    let ended = Dictionary(
      uniqueKeysWithValues: report.creation.steps.map {
        ($0.id, (began: Int64(0), ended: Int64?(5)))
      })
    #expect(prediction.remaining(after: ended, now: 5).likely == 0)
  }
}
