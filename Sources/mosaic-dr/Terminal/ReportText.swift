import Evidence
import Measurement
import Platform
import RunEngine
import RunJournal

/// A report for the terminal: the verdict and the figures, then the steps.
enum ReportText {
  static func text(_ report: RunReport, _ state: RunState) -> String {
    let figures = report.figures
    var lines = ["", "Verdict  \(figures.verdict.rawValue.uppercased())"]
    lines += figures.reasons.map { "         \($0)" }
    lines.append("RTO      \(line(figures.rto)) (RTA)")
    if let declared = figures.rtoFromDeclaration {
      lines.append("         \(readable(declared)) from the start of the run")
    }
    lines.append("RPO      \(line(figures.rpo)) (RPA)")
    for component in figures.components {
      lines.append(
        "         \(component.name): measured in the data \(readable(component.rpoMeasured)), "
          + "by the service \(readable(component.rpoByService))")
    }
    let split = figures.split
    lines.append(
      "Split    before the run \(readable(split.beforeRun)), people \(readable(split.person)), "
        + "cloud \(readable(split.cloud)), checks \(readable(split.verification)), "
        + "overhead \(readable(split.overhead))")
    lines.append("Path     \(figures.criticalPath.joined(separator: " → "))")
    // What a drill makes it removes, or names below.
    for made in report.creation.mode == .restore ? report.account.made : [] {
      lines.append("Made     \(made.step): \(made.what)")
    }
    if let comparison = report.comparison {
      lines += ["", "Against \(comparison.baseline), the last drill that passed"]
      lines.append(Self.comparison(comparison))
    }
    for left in figures.leftovers {
      lines += [
        "", "LEFT OVER  \(left.what)", "           \(left.cost)", "           why: \(left.why)",
        "           fix: mosaic-dr cleanup \(report.run)",
      ]
    }
    // The verdict last, where it is still in sight when the run is long.
    return RunText.text(state) + "\n" + lines.joined(separator: "\n")
  }

  private static func line(_ achievement: Achievement) -> String {
    let achieved = readable(achievement.achieved)
    guard let objective = achievement.objective else { return "\(achieved), no objective" }
    let verdict =
      achievement.achieved == nil ? "not measured" : achievement.isMet == true ? "met" : "missed"
    return "\(achieved) of \(readable(objective)): \(verdict)"
  }

  /// Figures of two runs, a line each.
  static func comparison(_ comparison: Comparison) -> String {
    comparison.changes.map { change in
      let growth = change.growth.map { "\($0 > 0 ? "+" : "")\($0) %" } ?? ""
      return "         \(change.name.rightPadded(24)) \(readable(change.before).rightPadded(12)) → "
        + "\(readable(change.after).rightPadded(12)) \(growth)"
    }.joined(separator: "\n")
  }

  static func readable(_ milliseconds: Int64?) -> String {
    milliseconds.map { Duration.milliseconds($0).readable } ?? "unknown"
  }
}
