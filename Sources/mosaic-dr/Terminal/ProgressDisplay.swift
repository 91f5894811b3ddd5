import Platform
import RunEngine
import RunJournal

/// Shows how a run goes: to programs every event, to people a picture that is drawn in place where the
/// cursor can be moved, else one line for each event.
struct ProgressDisplay: Sendable {
  private enum Form: Sendable {
    case stream(RunTelling)
    case picture(LiveView)
    case lines(ProgressLines)
  }

  private let form: Form

  /// - Parameter events: what is journaled already, from the first on.
  init(_ telling: RunTelling, _ events: [JournalEvent], time: any TimeSource) {
    guard telling.format == .text else {
      form = .stream(telling)
      for event in events { tell(event) }
      return
    }
    let state = RunState(events)
    let terminal = telling.terminal
    let lines = ProgressLines(
      terminal: terminal, began: state.declared ?? time.now().wall,
      steps: state.creation?.steps ?? [])
    guard terminal.hasCursor, terminal.verbosity != .quiet, let creation = state.creation else {
      form = .lines(lines)
      return
    }
    let picture = RunPicture(
      steps: creation.steps, critical: Set(creation.expectedPath ?? []),
      title: "\(creation.mode.rawValue) of \(creation.plan)",
      objective: creation.rtoObjective.map { .milliseconds($0) })
    form = .picture(
      LiveView(terminal: terminal, picture: picture, lines: lines, events: events, time: time))
  }

  func tell(_ event: JournalEvent) {
    switch form {
    case .stream(let telling): telling.line(event.json)
    case .picture(let view): view.tell(event)
    case .lines(let lines): lines.tell(event)
    }
  }

  func tell(_ outlook: Forecast.Outlook) {
    switch form {
    case .stream: break
    case .picture(let view): view.tell(outlook)
    case .lines(let lines): lines.tell(outlook)
    }
  }

  /// Lets the clocks move while `body` is at work; the last picture stays.
  func shown<Result: Sendable>(
    while body: () async throws -> Result
  ) async rethrows -> Result {
    guard case .picture(let view) = form else { return try await body() }
    let clock = Task { await view.run() }
    defer {
      clock.cancel()
      view.end()
    }
    return try await body()
  }
}
