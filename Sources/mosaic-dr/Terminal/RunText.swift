import Platform
import RunEngine
import RunJournal
import StrictJSON

/// A run as text: what became of each step, and the instants that were measured.
enum RunText {
  static func text(_ state: RunState) -> String {
    guard let creation = state.creation else { return "the run has no beginning" }
    var lines = [
      "\(creation.mode.rawValue) of plan \(creation.plan) (\(creation.planDigest.prefix(12)))"
    ]
    let width = max(28, creation.steps.map(\.id.count).max() ?? 0)
    for step in creation.steps {
      let known = state.steps[step.id] ?? StepState()
      let took = known.startedAt.flatMap { start in
        known.endedAt.map {
          Duration.nanoseconds($0.wall.nanoseconds - start.wall.nanoseconds).readable
        }
      }
      lines.append(
        "  \(known.status.rawValue.rightPadded(10)) \(step.id.rightPadded(width)) \(took ?? "")")
      if let waiting = known.waitingFor, known.status == .running {
        lines.append("             waits for: \(waiting.state)")
      }
      if let failure = known.failure, known.status == .failed {
        for part in ["summary", "subject", "reason", "remedy"] {
          if let text = failure[part]?.stringValue { lines.append("             \(part): \(text)") }
        }
      }
    }
    for moment in state.moments {
      lines.append(
        "  \(moment.name.rawValue.rightPadded(14)) \(moment.at)  \(moment.evidence.rawValue): \(moment.source)"
      )
    }
    for finding in state.findings {
      lines.append("  \(finding.severity.rawValue): \(finding.text)")
    }
    return lines.joined(separator: "\n")
  }
}
