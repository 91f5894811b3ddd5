import Evidence
import Measurement
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
    let plan = arguments["--plan"]
    let none = "no runs\(plan.map { " of \($0)" } ?? "") in \(surroundings.stateFolder)"
    // The usual folder is made by the first run.
    if surroundings.stateOption.isEmpty, try !surroundings.hasJournal() {
      terminal.error(none)
      return .success
    }
    let journal = try surroundings.journal(.reading)
    let runs = try await journal.runs(plan: plan)
    if runs.isEmpty { terminal.error(none) }
    // A ledger that cannot be read is for 'ledger verify' to tell.
    let verdicts = (try? surroundings.ledger.read())?.verdicts ?? [:]
    for run in runs {
      let state: String
      if run.isPruned {
        state = "pruned"
      } else if run.latest == .runFinished {
        let verdict = verdicts[run.record.id]?.rawValue.replacingAll("_", with: " ")
        state = verdict.map { "finished  \($0)" } ?? "finished"
      } else if run.isUnderWay(at: surroundings.time.now().wall) {
        state = "running"
      } else {
        state = "interrupted: mosaic-dr resume \(run.record.id)"
      }
      terminal.output(
        "\(run.record.id)  \(run.record.createdAt.formatted(fractionDigits: 0).prefix(16))Z  "
          + "\(run.record.mode.rightPadded(8)) \(run.record.planName.rightPadded(14)) \(state)")
    }
    return .success
  }

  static func show(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let journal = try Surroundings(arguments).journal(.reading)
    let id = try arguments.operand("RUN").uppercased()
    let state = RunState(try await journal.verifiedEvents(of: id))
    guard state.creation != nil else { throw journal.doesNotKnow(id) }
    terminal.prose(RunText.text(state))
    return .success
  }

  static func watch(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let telling = try RunTelling(arguments, terminal)
    return try await telling.ended {
      try await watch(try arguments.operand("RUN").uppercased(), Surroundings(arguments), telling)
    }
  }

  /// Tells what has happened, then what happens, until the run is laid down or ends.
  private static func watch(
    _ id: String, _ surroundings: Surroundings, _ telling: RunTelling
  ) async throws -> RunEnd {
    let journal = try surroundings.journal(.reading)
    var events = try await journal.verifiedEvents(of: id)
    var state = RunState(events)
    guard let creation = state.creation else { throw journal.doesNotKnow(id) }
    let display = ProgressDisplay(telling, Array(events.prefix(1)), time: surroundings.time)
    let watch = ObjectiveWatch(
      state, forecast: try await journal.forecast(of: creation, before: id))
    try await display.shown {
      for event in events.dropFirst() { display.tell(event) }
      while !state.isFinished, telling.isRead,
        try await journal.isUnderWay(id, at: surroundings.time.now().wall)
      {
        if let outlook = watch.look(at: surroundings.time.now().wall).outlook {
          display.tell(outlook)
        }
        try await surroundings.time.sleep(for: .milliseconds(500))
        events = try await journal.events(of: id, from: state.eventCount + 1)
        for event in events {
          state.apply(event)
          display.tell(event)
          watch.take(event)
        }
      }
    }
    guard state.isFinished || telling.isRead else { return RunEnd(.unread, .success) }
    guard state.isFinished else {
      var end = RunEnd(.laidDown, .paused)
      end.run = id
      end.next = surroundings.command("resume \(id)")
      telling.terminal.error("Nobody executes it now. Go on with: \(end.next ?? "")")
      return end
    }
    telling.output(RunText.text(state))
    var end = RunEnd(.finished, .success)
    end.run = id
    end.report = RunReport(try await journal.events(of: id))
    return end
  }
}
