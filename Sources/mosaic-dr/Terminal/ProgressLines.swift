import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Tells a run as it goes: one line for each event that a person cares about.
struct ProgressLines: Sendable {
  let terminal: Terminal
  let began: Timestamp
  private let summaries: [String: String]
  private let forecast: Forecast?

  /// - Parameter forecast: what is told of the time that is left; nil for nothing.
  init(
    terminal: Terminal, began: Timestamp, steps: [RunCreation.StepRecord],
    forecast: Forecast? = nil
  ) {
    self.forecast = forecast
    self.terminal = terminal
    self.began = began
    summaries = Dictionary(steps.map { ($0.id, $0.summary) }, uniquingKeysWith: { $1 })
  }

  func tell(_ event: JournalEvent) {
    if let text = text(of: event) { terminal.error(text) }
  }

  /// The line of an event, and of what it means for the time that is left; nil when nobody needs to
  /// know.
  func text(of event: JournalEvent) -> String? {
    let outlook = forecast?.line(after: event).map {
      "\(String(repeating: " ", count: 10))  \(terminal.paint($0, .dim))"
    }
    let lines = [eventText(event), outlook].compactMap { $0 }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private func eventText(_ event: JournalEvent) -> String? {
    guard let line = line(event) else { return nil }
    let elapsed = (event.at.wall - began).readable
    return "\(terminal.paint(elapsed.leftPadded(10), .dim))  \(line)"
  }

  private func line(_ event: JournalEvent) -> String? {
    let step = (event.step ?? "run").rightPadded(26)
    switch event.type {
    case .stepStarted: return "▸ \(step) \(summaries[event.step ?? ""] ?? "")"
    case .stepWaiting: return "… \(step) \(event.body["state"]?.stringValue ?? "")"
    case .effectConfirmed:
      return event.body["adopted"]?.boolValue == true
        ? "● \(step) found what an earlier attempt had made" : nil
    case .stepSucceeded: return terminal.paint("✓ \(step)", .green)
    case .stepRetrying:
      return terminal.paint("↻ \(step) \(event.body["reason"]?.stringValue ?? "")", .yellow)
    case .stepFailed:
      let summary = event.body["summary"]?.stringValue ?? ""
      return terminal.paint(
        "✗ \(step) \(summary): \(event.body["reason"]?.stringValue ?? "")", .red)
    case .stepCancelled, .stepSkipped:
      return "– \(step) not run: \(event.body["reason"]?.stringValue ?? "")"
    case .stepReopened:
      return "○ \(step) to be tried again: \(event.body["reason"]?.stringValue ?? "")"
    case .finding: return terminal.paint("! \(event.body["text"]?.stringValue ?? "")", .yellow)
    case .clockJumped:
      return terminal.paint(
        "! the clock jumped by \(event.body["jump_ms"]?.integerValue ?? 0) ms", .yellow)
    default: return nil
    }
  }
}

extension String {
  func leftPadded(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
  func rightPadded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
