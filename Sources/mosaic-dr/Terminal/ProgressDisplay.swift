import Platform
import RunEngine
import RunJournal

/// Shows how a run goes: as a picture that is drawn in place where the cursor can be moved, else as one
/// line for each event.
struct ProgressDisplay: Sendable {
  private let lines: ProgressLines
  private let view: LiveView?

  /// - Parameters:
  ///   - events: what is journaled already.
  ///   - critical: the steps on the expected critical path.
  init(
    _ terminal: Terminal, lines: ProgressLines, events: [JournalEvent], critical: Set<String>,
    time: any TimeSource
  ) {
    self.lines = lines
    guard terminal.hasCursor, let creation = RunState(events).creation else {
      view = nil
      return
    }
    let picture = RunPicture(
      steps: creation.steps, critical: critical,
      title: "\(creation.mode.rawValue) of \(creation.plan)",
      objective: creation.rtoObjective.map { .milliseconds($0) })
    view = LiveView(terminal: terminal, picture: picture, lines: lines, events: events, time: time)
  }

  func tell(_ event: JournalEvent) {
    if let view { view.tell(event) } else { lines.tell(event) }
  }

  func tell(_ outlook: Forecast.Outlook) {
    if let view { view.tell(outlook) } else { lines.tell(outlook) }
  }

  /// Lets the clocks move while `body` is at work; the last picture stays.
  func shown<Result: Sendable>(
    while body: () async throws -> Result
  ) async rethrows -> Result {
    let clock = Task { await view?.run() }
    defer {
      clock.cancel()
      view?.end()
    }
    return try await body()
  }
}
