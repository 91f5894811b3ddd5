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
    if terminal.verbosity == .quiet { return }
    terminal.error(
      "\(String(repeating: " ", count: 10))  "
        + terminal.paint(outlook.text, outlook.isAtRisk ? .yellow : .dim))
  }

  /// How wide the time is, with what stands between it and the line.
  private static let margin = 12

  /// The line of an event; nil when nobody needs to know.
  ///
  /// - Parameter columns: the width that it is broken to between words, but for commands, which are copied
  ///   whole; nil for none.
  func text(of event: JournalEvent, within columns: Int? = nil) -> String? {
    if terminal.verbosity == .quiet, !isForAPerson(event) { return nil }
    guard var line = line(event) else { return nil }
    let elapsed = (event.at.wall - began).readable
    if let columns, columns > 2 * Self.margin, !line.contains("mosaic-dr ") {
      let margin = String(repeating: " ", count: Self.margin)
      line = line.wrapped(to: columns - Self.margin).replacing("\n", with: "\n\(margin)")
    }
    return "\(terminal.paint(elapsed.leftPadded(Self.margin - 2), .dim))  \(line)"
  }

  /// Whether somebody has to do something about it.
  private func isForAPerson(_ event: JournalEvent) -> Bool {
    switch event.type {
    case .stepFailed: true
    case .stepWaiting: event.body["state"]?.stringValue?.contains("mosaic-dr ") ?? false
    default: false
    }
  }

  private func line(_ event: JournalEvent) -> String? {
    let step = (event.step ?? "run").rightPadded(26)
    switch event.type {
    case .stepStarted: return "▸ \(step) \(summaries[event.step ?? ""] ?? "")"
    case .stepWaiting: return "… \(step) \(event.body["state"]?.stringValue ?? "")"
    case .effectConfirmed where event.body["adopted"]?.boolValue == true:
      return "● \(step) found what an earlier attempt had made"
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
    default: return terminal.verbosity == .verbose ? detail(event, step) : nil
    }
  }

  /// What only those want to read who ask for more.
  private func detail(_ event: JournalEvent, _ step: String) -> String? {
    switch event.type {
    case .effectIntended: return "→ \(step) asks for \(text(event.body["intent"]))"
    case .effectConfirmed: return "● \(step) is \(text(event.body["identity"]))"
    case .moment:
      let source = event.body["source"]?.stringValue ?? ""
      return "◷ \((event.body["name"]?.stringValue ?? "").rightPadded(26)) \(source)"
    case .approvalGranted: return "● \(step) approved by \(event.body["by"]?.stringValue ?? "")"
    default: return nil
    }
  }

  private func text(_ json: JSONValue?) -> String {
    let bytes = try? json?.canonicalBytes()
    return bytes.map { String(decoding: $0, as: UTF8.self) } ?? "what is there already"
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
