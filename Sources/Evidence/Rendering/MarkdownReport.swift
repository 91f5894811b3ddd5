import Measurement
import Platform
import RunJournal

/// The report in Markdown, for a ticket or a wiki.
public enum MarkdownReport {
  /// The text.
  public static func text(_ report: RunReport) -> String {
    let figures = report.figures
    var lines = [
      "# \(OutputText.words(figures.verdict)): \(report.creation.mode.rawValue) of "
        + cell(report.creation.plan), "",
      "Run \(report.run), \(report.account.began) to \(report.account.ended); the incident was "
        + "\(report.incident). Asked for by "
        + cell("\(report.creation.operatorIdentity.user)@\(report.creation.operatorIdentity.host)")
        + ", AWS \(cell(report.creation.options["aws_identity"] ?? "identity unknown")).", "",
    ]
    lines += figures.reasons.map { "- \(cell($0))" }
    lines += table(
      "Objectives", ["Figure", "Objective", "Achieved", "Outcome"],
      [("RTO (RTA)", figures.rto), ("RPO (RPA)", figures.rpo)].map { name, figure in
        [
          name, figure.objective.map { OutputText.readable($0) } ?? "none",
          OutputText.readable(figure.achieved), OutputText.outcome(figure),
        ]
      })
    lines += table(
      "Components", ["Component", "RTO", "RPO by the service", "RPO measured in the data"],
      figures.components.map {
        [
          $0.name, OutputText.readable($0.rto), OutputText.readable($0.rpoByService),
          OutputText.readable($0.rpoMeasured),
        ]
      })
    lines += table(
      "Where the time went", ["Part", "Time"],
      SplitBar.parts.map { [$0.name, OutputText.readable(figures.split[keyPath: $0.value])] })
    lines += ["", "Critical path: \(cell(figures.criticalPath.joined(separator: " → ")))"]
    lines += table(
      "Checks", ["Check", "Expected", "Seen", "Outcome"],
      report.account.checks.map { [$0.step, $0.expected ?? "", $0.value ?? "", $0.status] })
    lines += table(
      "Deviations", ["Kind", "When", "Step", "What", "By"],
      report.account.deviations.map {
        [$0.kind, $0.at?.description ?? "", $0.step ?? "run", $0.text, $0.by ?? ""]
      })
    lines += table(
      "Left over", ["What", "Cost", "Why"], figures.leftovers.map { [$0.what, $0.cost, $0.why] })
    lines += table(
      "Steps", ["Step", "Status", "Attempts", "Took"],
      report.account.steps.map { step in
        let took = step.began.flatMap { began in step.ended.map { ($0 - began).readable } }
        return [step.id, step.status, String(step.attempts.count), took ?? ""]
      })
    lines += [
      "", "Plan SHA-256 `\(report.creation.planDigest)`, mosaic-dr \(report.creation.version).",
    ]
    return lines.joined(separator: "\n")
  }

  private static func cell(_ text: String) -> String { OutputText.markdown(text) }

  private static func table(_ title: String, _ heads: [String], _ rows: [[String]]) -> [String] {
    if rows.isEmpty { return [] }
    let line = { (cells: [String]) in "| " + cells.joined(separator: " | ") + " |" }
    return ["", "## \(title)", "", line(heads), line(heads.map { _ in "---" })]
      + rows.map { line($0.map(cell)) }
  }
}
