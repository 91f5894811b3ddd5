import Evidence
import Measurement
import Platform
import RecoveryPlan

/// How the drills of a plan stand, for the terminal.
enum ScheduleText {
  static func text(_ standing: DrillStanding, _ terminal: Terminal) -> String {
    let plan = standing.plan
    let state = terminal.paint(standing.state.rawValue.uppercased(), color(of: standing.state))
    var lines = [
      "\(plan.name)  \(state)", row("schedule", plan.schedule?.shown ?? "none"),
      row("last drill", standing.lastDrill.map(text) ?? "never"),
    ]
    if standing.lastDrill != nil {
      lines.append(row("last success", standing.lastSuccess.map(text) ?? "never"))
    }
    if let next = standing.nextDue {
      lines.append(row("next due", "\(shown(next.opens)) to \(shown(next.closes))"))
    }
    if let last = standing.missed.last {
      lines.append(row("missed", "\(standing.missed.count), the last until \(shown(last.closes))"))
    }
    if let refusal = standing.lastRefusal {
      lines.append(row("refused", "\(shown(refusal.at)): \(refusal.reason)"))
    }
    if standing.isUnproven {
      let since = standing.lastSuccess == nil ? "no drill has passed" : "the plan has changed since"
      lines.append(row("unproven", "\(since): mosaic-dr drill --plan \(plan.name)"))
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ value: String) -> String {
    "  \(name.rightPadded(13)) \(value)"
  }

  private static func text(_ drill: DrillHistory.Drill) -> String {
    let end = drill.verdict?.rawValue.replacingAll("_", with: " ") ?? "not over"
    return "\(shown(drill.began))  \(end)  \(drill.run)"
  }

  private static func shown(_ moment: Timestamp) -> String { moment.formatted(fractionDigits: 0) }

  private static func color(of state: DrillStanding.State) -> Terminal.Color {
    switch state {
    case .current: .green
    case .due: .yellow
    case .overdue: .red
    case .unscheduled: .dim
    }
  }
}
