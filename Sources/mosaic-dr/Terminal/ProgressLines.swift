import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Tells a run as it goes: one line for each event that a person cares about.
struct ProgressLines: Sendable {
  let terminal: Terminal
  let began: Timestamp
  private let summaries: [String: String]

  init(terminal: Terminal, began: Timestamp, steps: [RunCreation.StepRecord]) {
    self.terminal = terminal
    self.began = began
    summaries = Dictionary(steps.map { ($0.id, $0.summary) }, uniquingKeysWith: { $1 })
  }

  func tell(_ event: JournalEvent) {
    if let text = text(of: event) { terminal.error(text) }
  }

  /// What is left to do, as earlier runs let expect it.
  func tell(_ outlook: Forecast.Outlook) {
    terminal.error(
      "\(String(repeating: " ", count: 10))  "
        + terminal.paint(outlook.text, outlook.isAtRisk ? .yellow : .dim))
  }

  /// The line of an event; nil when nobody needs to know.
  func text(of event: JournalEvent) -> String? {
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
