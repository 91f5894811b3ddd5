import Measurement
import Platform
import RunJournal

/// The steps of a run as CSV (RFC 4180), a line a step.
public enum CSVReport {
  private static let heads = [
    "run", "step", "kind", "component", "phase", "status", "attempts", "began", "ended",
    "milliseconds", "person_ms", "cloud_ms", "retries_ms", "critical", "reason",
  ]

  /// The text, with a line of names first.
  public static func text(_ report: RunReport) -> String {
    let critical = Set(report.figures.criticalPath)
    let rows = report.account.steps.map { step -> [String] in
      let took = step.began.flatMap { began in step.ended.map { ($0 - began).wholeMilliseconds } }
      return [
        report.run, step.id, step.kind, step.component ?? "", step.phase.rawValue, step.status,
        String(step.attempts.count), step.began?.description ?? "", step.ended?.description ?? "",
        took.map { String($0) } ?? "", String(step.timing.person), String(step.timing.cloud),
        String(step.timing.retries), critical.contains(step.id) ? "yes" : "no", step.reason ?? "",
      ]
    }
    return ([heads] + rows).map { $0.map(OutputText.csv).joined(separator: ",") + "\r\n" }.joined()
  }
}
