import Evidence
import Measurement
import Platform
import RunEngine
import RunJournal

/// What the journal knows of earlier runs of a plan.
extension Journal {
  /// How many runs are looked at, newest first.
  private static let lookBack = 50

  /// The ended runs of a plan before another one, newest first, as far as the journal still has them.
  func reports(of plan: String, before run: String? = nil) async throws -> [RunReport] {
    var found: [RunReport] = []
    for summary in try await runs(plan: plan, limit: Self.lookBack) {
      if let run, summary.record.id >= run { continue }
      if summary.isPruned || summary.latest != .runFinished { continue }
      if let report = RunReport(try await events(of: summary.record.id)) { found.append(report) }
    }
    return found
  }

  /// The figures of the newest drill of a plan that passed before a run.
  func baseline(of plan: String, before run: String) async throws -> Baseline? {
    let passed: [Verdict] = [.pass, .passWithExceptions]
    return try await reports(of: plan, before: run).first {
      $0.creation.mode == .drill && passed.contains($0.figures.verdict)
    }.map { Baseline(run: $0.run, figures: $0.figures) }
  }

  /// What earlier runs say of how long a run takes; nil when there is none that helps.
  func forecast(of creation: RunCreation, before run: String) async throws -> Forecast? {
    let past = try await reports(of: creation.plan, before: run)
    return Prediction(past, mode: creation.mode, steps: creation.steps).map {
      Forecast($0, objective: creation.rtoObjective)
    }
  }
}
