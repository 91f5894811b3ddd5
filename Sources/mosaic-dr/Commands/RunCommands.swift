import AWSClient
import Evidence
import Glibc
import Measurement
import Platform
import Recoveries
import RecoveryPlan
import RunEngine
import RunJournal

/// Commands that execute a run.
enum RunCommands {
  static func drill(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let telling = try RunTelling(arguments, terminal)
    return try await telling.ended {
      arguments.has("--scheduled")
        ? try await scheduledDrill(arguments, telling)
        : try await start(.drill, arguments, telling)
    }
  }

  static func restore(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let telling = try RunTelling(arguments, terminal)
    return try await telling.ended { try await start(.restore, arguments, telling) }
  }

  static func resume(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let telling = try RunTelling(arguments, terminal)
    return try await telling.ended {
      try await resume(try arguments.operand("RUN"), arguments, telling)
    }
  }

  static func cleanup(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if arguments.has("--orphans") {
      try arguments.answersWithTextAlone("cleanup --orphans")
      return try await OrphanCommands.cleanup(arguments, terminal)
    }
    let telling = try RunTelling(arguments, terminal)
    return try await telling.ended { try await cleanup(arguments, telling) }
  }

  static func undo(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let telling = try RunTelling(arguments, terminal)
    return try await telling.ended { try await undo(arguments, telling) }
  }

  private static func scheduledDrill(
    _ arguments: Arguments, _ telling: RunTelling
  ) async throws -> RunEnd {
    let surroundings = Surroundings(arguments)
    guard let plan = try PlanCommands.load(arguments, surroundings, telling.terminal) else {
      return RunEnd(.notReady, .usage)
    }
    let scheduled = ScheduledDrill(surroundings: surroundings, terminal: telling.terminal)
    let (turn, lock) = try await scheduled.turn(of: plan)
    defer { withExtendedLifetime(lock) {} }
    var end: RunEnd
    switch turn {
    case .begins: return try await start(.drill, arguments, telling)
    case .goesOn(let run):
      telling.note("drill \(run) died and is gone on with")
      return try await resume(run, arguments, telling)
    case .notNow(let why):
      telling.note(why)
      end = RunEnd(.notDue, .success)
      end.reason = why
    case .refused(let why):
      await scheduled.refuse(plan, because: why)
      end = RunEnd(.refused, .notReady)
      end.reason = why
    }
    return end
  }

  private static func start(
    _ mode: RunMode, _ arguments: Arguments, _ telling: RunTelling
  ) async throws -> RunEnd {
    let incident = try arguments.moment("--incident-time")
    let pointInTime = try arguments.moment("--point-in-time")
    let surroundings = Surroundings(arguments)
    guard let plan = try PlanCommands.load(arguments, surroundings, telling.terminal) else {
      return RunEnd(.notReady, .usage)
    }
    if pointInTime != nil, let problem = MomentRefusal.problem(of: plan) {
      throw UsageError(message: "\(problem.summary): \(problem.reason)", fix: problem.remedy)
    }
    // A restore does not wait for its evidence.
    if mode == .drill { try surroundings.signing.requireFiles() }
    let session = try RunSession(
      surroundings, telling, lostRegion: arguments.has("--primary-lost") ? plan.primaryRegion : nil)
    let caller: CallerIdentity
    do {
      caller = try await session.identity(in: plan.recoveryRegion)
    } catch {
      // What cannot even be asked for is a matter of readiness, not a failed run.
      telling.terminal.explain(error)
      var end = RunEnd(.notReady, .notReady)
      end.reason = (error as? any ExplainedError)?.description ?? String(describing: error)
      return end
    }
    let run = ULID(at: surroundings.time.now().wall, random: surroundings.random)
    if mode == .restore {
      let undertaking = try session.undertaking(plan, mode, run, pointInTime)
      let text = UndertakingText.text(undertaking, of: plan, as: caller) + "\n"
      if arguments.has("--yes") {
        telling.note(text)
      } else {
        telling.terminal.error(text)
        try telling.terminal.confirm("a restore", with: plan.name)
      }
    }
    var options = try options(arguments)
    options.timeout = plan.timeout
    let outcome = try await session.start(
      plan, as: run, mode: mode, identity: caller, incident: incident, pointInTime: pointInTime,
      challenge: arguments["--challenge"],
      maximumRegression: try arguments.percent("--max-regression"), options: options)
    return try await conclude(run, outcome, session)
  }

  private static func sessionOfKnownRun(
    _ arguments: Arguments, _ telling: RunTelling
  ) throws -> RunSession {
    let surroundings = Surroundings(arguments)
    try surroundings.requireJournal()
    return try RunSession(surroundings, telling)
  }

  private static func resume(
    _ run: String, _ arguments: Arguments, _ telling: RunTelling
  ) async throws -> RunEnd {
    let session = try sessionOfKnownRun(arguments, telling)
    let (run, outcome) = try await session.resume(run, options: try options(arguments))
    return try await conclude(run, outcome, session)
  }

  private static func cleanup(
    _ arguments: Arguments, _ telling: RunTelling
  ) async throws -> RunEnd {
    let session = try sessionOfKnownRun(arguments, telling)
    let id = try arguments.operand("RUN")
    guard let (run, outcome) = try await session.cleanup(id, options: try options(arguments)) else {
      telling.output("nothing is left over of run \(id)")
      return RunEnd(.nothingLeft, .success)
    }
    return try await concludeRemoval(run, outcome, session)
  }

  private static func undo(
    _ arguments: Arguments, _ telling: RunTelling
  ) async throws -> RunEnd {
    let session = try sessionOfKnownRun(arguments, telling)
    let (run, outcome) = try await session.undo(
      try arguments.operand("RUN"), options: try options(arguments)
    ) { creation, changes in
      guard !arguments.has("--yes") else { return }
      telling.terminal.error(
        "This leads users back to where they were before the cut-over; it takes back:\n  "
          + changes.joined(separator: "\n  "))
      try telling.terminal.confirm("an undo", with: creation.plan)
    }
    return try await concludeRemoval(run, outcome, session)
  }

  /// Of a run that was opened again to take something back, only that counts.
  private static func concludeRemoval(
    _ run: ULID, _ outcome: RunOutcome, _ session: RunSession
  ) async throws -> RunEnd {
    let end = try await conclude(run, outcome, session)
    guard outcome == .finished else { return end }
    let state = RunState(try await session.journal.events(of: run.description))
    return end.coded(state.leftovers.isEmpty ? .success : .runFailed)
  }

  private static func options(_ arguments: Arguments) throws(UsageError) -> RunExecutor.Options {
    RunExecutor.Options(
      parallelism: try arguments.count("--parallel", in: 1...4_096) ?? 64,
      detachesOnApproval: arguments.has("--detach-on-approval"))
  }

  private static func conclude(
    _ run: ULID, _ outcome: RunOutcome, _ session: RunSession
  ) async throws -> RunEnd {
    let state = RunState(try await session.journal.events(of: run.description))
    guard outcome == .finished else {
      var end =
        switch outcome {
        case .waitingForApproval: RunEnd(.waitingForApproval, .paused)
        case .interrupted: RunEnd(.interrupted, .interrupted)
        case .paused, .finished: RunEnd(.paused, .paused)
        }
      end.run = run.description
      end.next = session.surroundings.command("resume \(run)")
      session.telling.output(RunText.text(state))
      let why = outcome == .interrupted ? "Interrupted; nothing is lost. " : ""
      session.telling.terminal.error("\(why)Go on with: \(end.next ?? "")")
      return end
    }
    let (report, folder) = try await session.conclude(run)
    var end = RunEnd(.finished, code(of: report, state, session.telling.terminal))
    end.run = run.description
    end.report = report
    end.folder = folder
    return end
  }

  private static func code(
    of report: RunReport, _ state: RunState, _ terminal: Terminal
  ) -> ExitCode {
    if state.isCancelled { return .interrupted }
    let isBroken = state.steps.values.contains { $0.status == .failed || $0.status == .cancelled }
    if isBroken { return .runFailed }
    let verdict = report.figures.verdict
    guard verdict == .pass || verdict == .passWithExceptions else { return .objectiveMissed }
    return ReportCommands.isWithin(report.regressionGate, report, terminal)
      ? .success : .objectiveMissed
  }
}
