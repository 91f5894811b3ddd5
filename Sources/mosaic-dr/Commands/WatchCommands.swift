import Platform
import RunEngine
import RunJournal

/// Commands that show runs.
enum WatchCommands {
  static func runs(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if arguments.operands == ["prune"] {
      return try await PruneCommand.prune(arguments, terminal)
    }
    guard arguments.operands.isEmpty else {
      throw UsageError(
        message: "'runs' knows no '\(arguments.operands[0])'",
        fix: "Write 'mosaic-dr runs', or 'mosaic-dr runs prune --keep-days 400'.")
    }
    let surroundings = Surroundings(arguments)
    let journal = try surroundings.journal(.reading)
    for run in try await journal.runs(plan: arguments["--plan"]) {
      let state: String
      if run.isPruned {
        state = "pruned"
      } else if run.latest == .runFinished {
        state = "finished"
      } else if run.isUnderWay(at: surroundings.time.now().wall) {
        state = "running"
      } else {
        state = "interrupted: mosaic-dr resume \(run.record.id)"
      }
      terminal.output(
        "\(run.record.id)  \(run.record.createdAt.formatted(fractionDigits: 0))  "
          + "\(run.record.mode.rightPadded(8)) \(run.record.planName.rightPadded(20)) \(state)")
    }
    return .success
  }

  static func show(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let journal = try Surroundings(arguments).journal(.reading)
    let id = try arguments.operand("RUN").uppercased()
    terminal.output(RunText.text(RunState(try await journal.verifiedEvents(of: id))))
    return .success
  }

  /// Tells what has happened, then what happens, until the run is laid down or ends.
  static func watch(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    let journal = try surroundings.journal(.reading)
    let id = try arguments.operand("RUN").uppercased()
    var events = try await journal.verifiedEvents(of: id)
    var state = RunState(events)
    guard let creation = state.creation else { throw journal.doesNotKnow(id) }
    let lines = ProgressLines(
      terminal: terminal, began: state.declared ?? surroundings.time.now().wall,
      steps: creation.steps)
    let display = ProgressDisplay(
      terminal, lines: lines, events: Array(events.prefix(1)), critical: [],
      time: surroundings.time)
    try await display.shown {
      for event in events.dropFirst() { display.tell(event) }
      while !state.isFinished, try await journal.isUnderWay(id, at: surroundings.time.now().wall) {
        try await surroundings.time.sleep(for: .milliseconds(500))
        events = try await journal.events(of: id, from: state.eventCount + 1)
        for event in events {
          state.apply(event)
          display.tell(event)
        }
      }
    }
    guard state.isFinished else {
      terminal.error("Nobody executes it now. Go on with: mosaic-dr resume \(id)")
      return .paused
    }
    terminal.output(RunText.text(state))
    return .success
  }
}
