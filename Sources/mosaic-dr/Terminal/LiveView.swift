import Platform
import RunEngine
import RunJournal
import Synchronization

/// Keeps the picture of a run on the terminal up to date, in place. What is to stay, as a finding or a
/// failure, is printed above it.
final class LiveView: Sendable {
  /// How often the clocks on it move.
  private static let interval: Duration = .milliseconds(500)

  /// What happens once and would be lost with the picture.
  private var kept: [EventType] {
    let always: [EventType] = [.finding, .stepFailed, .stepRetrying, .clockJumped]
    return terminal.verbosity == .verbose
      ? always + [.effectIntended, .effectConfirmed, .moment, .approvalGranted] : always
  }

  private struct Shown {
    var state: RunState
    var outlook: Forecast.Outlook?
    var rows = 0
    var isOver = false
  }

  private let terminal: Terminal
  private let picture: RunPicture
  private let lines: ProgressLines
  private let time: any TimeSource
  private let shown: Mutex<Shown>

  init(
    terminal: Terminal, picture: RunPicture, lines: ProgressLines, events: [JournalEvent],
    time: any TimeSource
  ) {
    self.terminal = terminal
    self.picture = picture
    self.lines = lines
    self.time = time
    shown = Mutex(Shown(state: RunState(events)))
  }

  func tell(_ event: JournalEvent) {
    shown.withLock { shown in
      shown.state.apply(event)
      let stays = kept.contains(event.type)
      guard stays || !terminal.isBehind else { return }
      draw(
        &shown, above: stays ? lines.text(of: event, within: terminal.canvas.columns) : nil)
    }
  }

  /// The picture shows it from now on.
  func tell(_ outlook: Forecast.Outlook) { shown.withLock { $0.outlook = outlook } }

  /// Lets the clocks move until the task is cancelled; the last picture stays.
  func run() async {
    while (try? await time.sleep(for: Self.interval)) != nil {
      if !terminal.isBehind { shown.withLock { draw(&$0, above: nil) } }
    }
  }

  /// Draws for the last time.
  func end() {
    shown.withLock { shown in
      draw(&shown, above: nil)
      shown.isOver = true
    }
  }

  private func draw(_ shown: inout Shown, above: String?) {
    guard !shown.isOver else { return }
    let canvas = terminal.canvas
    let lines = picture.lines(
      shown.state, outlook: shown.outlook, at: time.now().wall, on: canvas)
    // Back to where the picture began, and clear to the end of the screen (ECMA-48 CPL and ED).
    var text = shown.rows > 0 ? "\u{1B}[\(shown.rows)F\u{1B}[J" : ""
    if let above { text += above + "\n" }
    for line in lines {
      text += (line.color.map { terminal.paint(line.text, $0) } ?? line.text) + "\n"
    }
    terminal.raw(text)
    shown.rows = lines.reduce(0) { rows, line in
      rows + (line.isWhole ? max(1, (line.text.count + canvas.columns - 1) / canvas.columns) : 1)
    }
  }
}
