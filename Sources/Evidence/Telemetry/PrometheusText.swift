import Measurement
import Platform
import RunJournal

/// The figures of a plan's latest run for the textfile collector of Prometheus's node exporter.
public enum PrometheusText {
  /// The name of a plan's file.
  public static func fileName(of plan: String) -> String { "mosaic_dr_\(plan).prom" }

  /// The text: gauges in base units, without time stamps.
  public static func text(_ report: RunReport, ledger: (size: Int, anchored: Int)) -> String {
    let labels =
      "plan=\"\(escaped(report.creation.plan))\",mode=\"\(report.creation.mode.rawValue)\""
    let figures = report.figures
    let passes = figures.verdict == .pass || figures.verdict == .passWithExceptions
    var lines: [String] = []
    let gauge = { (name: String, help: String, value: String?) in
      guard let value else { return }
      lines += [
        "# HELP mosaic_dr_\(name) \(help)", "# TYPE mosaic_dr_\(name) gauge",
        "mosaic_dr_\(name){\(labels)} \(value)",
      ]
    }
    gauge(
      "last_run_timestamp_seconds", "When the latest run ended.",
      String(report.account.ended.unixSeconds))
    gauge("last_run_passed", "Whether the latest run passed.", passes ? "1" : "0")
    gauge("rto_seconds", "Achieved RTO of the latest run.", seconds(figures.rto.achieved))
    gauge("rto_objective_seconds", "RTO objective.", seconds(figures.rto.objective))
    gauge("rpo_seconds", "Achieved RPO of the latest run.", seconds(figures.rpo.achieved))
    gauge("rpo_objective_seconds", "RPO objective.", seconds(figures.rpo.objective))
    gauge(
      "leftovers", "What the latest run made and has not removed.", String(figures.leftovers.count))
    gauge("ledger_entries", "Signed entries of the ledger.", String(ledger.size))
    gauge("ledger_anchored_entries", "Entries that every anchor holds.", String(ledger.anchored))
    return lines.joined(separator: "\n") + "\n"
  }

  private static func seconds(_ milliseconds: Int64?) -> String? {
    milliseconds.map { value in
      let rest = String(abs(value) % 1_000)
      return "\(value < 0 ? "-" : "")\(abs(value) / 1_000)."
        + String(repeating: "0", count: 3 - rest.count) + rest
    }
  }

  private static func escaped(_ text: String) -> String {
    String(text.flatMap { "\\\"".contains($0) ? ["\\", $0] : $0.isNewline ? ["\\", "n"] : [$0] })
  }
}
