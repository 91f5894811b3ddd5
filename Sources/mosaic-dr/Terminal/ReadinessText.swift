import Recoveries
import RecoveryPlan

/// The rows of a preflight for the terminal: what is not ready has its fix below it.
enum ReadinessText {
  static func text(
    _ plan: RecoveryPlan, _ rows: [ReadinessRow], _ terminal: Terminal
  ) -> String {
    var lines = ["Preflight of \(plan.name): \(plan.primaryRegion) → \(plan.recoveryRegion)"]
    var component: String?? = .none
    for row in rows.sorted(by: precedes) {
      if component != .some(row.component) {
        lines += ["", row.component ?? "plan"]
        component = row.component
      }
      lines.append("  \(mark(row.verdict))  \(row.check): \(row.detail)")
      if let fix = row.fix { lines.append("             fix: \(fix)") }
    }
    let missing = rows.count { $0.verdict == .notReady }
    let doubtful = rows.count { $0.verdict == .warning }
    let warnings = doubtful > 0 ? ", \(doubtful) to look at" : ""
    lines += [
      "", missing == 0 ? "Ready\(warnings)." : "Not ready: \(missing) of \(rows.count)\(warnings).",
    ]
    return lines.joined(separator: "\n")
  }

  /// The plan's own rows first, then component by component.
  private static func precedes(_ left: ReadinessRow, _ right: ReadinessRow) -> Bool {
    (left.component ?? "") < (right.component ?? "")
  }

  private static func mark(_ verdict: ReadinessRow.Verdict) -> String {
    switch verdict {
    case .ready: "ready    "
    case .warning: "look     "
    case .notReady: "NOT READY"
    }
  }
}
