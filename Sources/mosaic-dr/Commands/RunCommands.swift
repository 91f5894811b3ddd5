import AWSClient
import Evidence
import Glibc
import Measurement
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Commands that start, steer and show runs.
enum RunCommands {
  static func drill(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.has("--scheduled") else { return try await start(.drill, arguments, terminal) }
    let surroundings = Surroundings(arguments)
    guard let plan = try PlanCommands.load(arguments, surroundings, terminal) else { return .usage }
    let scheduled = ScheduledDrill(surroundings: surroundings, terminal: terminal)
    let (turn, lock) = try await scheduled.turn(of: plan)
    defer { withExtendedLifetime(lock) {} }
    switch turn {
    case .begins: return try await start(.drill, arguments, terminal)
    case .goesOn(let run):
      terminal.error("drill \(run) died and is gone on with")
      return try await resume(run, arguments, terminal)
    case .notNow(let why):
      terminal.error(why)
      return .success
    case .refused(let why):
      await scheduled.refuse(plan, because: why)
      return .notReady
    }
  }

  static func restore(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await start(.restore, arguments, terminal)
  }

  private static func start(
    _ mode: RunMode, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> ExitCode {
    let incident = try arguments.moment("--incident-time")
    let pointInTime = try arguments.moment("--point-in-time")
    let surroundings = Surroundings(arguments)
    guard let plan = try PlanCommands.load(arguments, surroundings, terminal) else { return .usage }
    let session = try RunSession(
      surroundings, terminal,
      lostRegion: arguments.has("--primary-lost") ? plan.primaryRegion : nil)
    let caller: CallerIdentity
    do {
      caller = try await session.identity(in: plan.recoveryRegion)
    } catch {
      // What cannot even be asked for is a matter of readiness, not a failed run.
      terminal.explain(error)
      return .notReady
    }
    if mode == .restore, !arguments.has("--yes") {
      try confirm(plan, caller, terminal)
    }
    var options = try options(arguments)
    options.timeout = plan.timeout
    let (run, outcome) = try await session.start(
      plan, mode: mode, identity: caller, incident: incident, pointInTime: pointInTime,
      challenge: arguments["--challenge"],
      maximumRegression: try arguments.percent("--max-regression"), options: options)
    return try await conclude(run, outcome, session, arguments, terminal)
  }

  static func resume(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await resume(try arguments.operand("RUN"), arguments, terminal)
  }

  private static func resume(
    _ run: String, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> ExitCode {
    let session = try RunSession(Surroundings(arguments), terminal)
    let (run, outcome) = try await session.resume(run, options: try options(arguments))
    return try await conclude(run, outcome, session, arguments, terminal)
  }

  static func cleanup(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    if arguments.has("--orphans") {
      return try await OrphanCommands.cleanup(arguments, terminal)
    }
    let session = try RunSession(Surroundings(arguments), terminal)
    let id = try arguments.operand("RUN")
    guard let (run, outcome) = try await session.cleanup(id, options: try options(arguments)) else {
      terminal.output("nothing is left over of run \(id)")
      return .success
    }
    return try await concludeRemoval(run, outcome, session, arguments, terminal)
  }

  static func undo(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let session = try RunSession(Surroundings(arguments), terminal)
    let (run, outcome) = try await session.undo(
      try arguments.operand("RUN"), options: try options(arguments)
    ) { creation, changes in
      guard !arguments.has("--yes") else { return }
      terminal.error(
        "This leads users back to where they were before the cut-over; it takes back:\n  "
          + changes.joined(separator: "\n  "))
      try terminal.confirm("an undo", with: creation.plan)
    }
    return try await concludeRemoval(run, outcome, session, arguments, terminal)
  }

  /// Of a run that was opened again to take something back, only that counts.
  private static func concludeRemoval(
    _ run: ULID, _ outcome: RunOutcome, _ session: RunSession, _ arguments: Arguments,
    _ terminal: Terminal
  ) async throws -> ExitCode {
    let code = try await conclude(run, outcome, session, arguments, terminal)
    guard outcome == .finished else { return code }
    let state = RunState(try await session.journal.events(of: run.description))
    return state.leftovers.isEmpty ? .success : .runFailed
  }

  private static func options(_ arguments: Arguments) throws(UsageError) -> RunExecutor.Options {
    RunExecutor.Options(
      parallelism: try arguments.count("--parallel", in: 1...4_096) ?? 64,
      detachesOnApproval: arguments.has("--detach-on-approval"))
  }

  private static func confirm(
    _ plan: RecoveryPlan, _ identity: CallerIdentity, _ terminal: Terminal
  ) throws {
    terminal.error(
      """
      This restores \(plan.components.map(\.name).joined(separator: ", ")) for good, in \
      \(plan.recoveryRegion) of account \(identity.account), as \(identity.arn).
      It makes new resources; it changes and deletes nothing that it did not make.
      """)
    try terminal.confirm("a restore", with: plan.name)
  }

  private static func conclude(
    _ run: ULID, _ outcome: RunOutcome, _ session: RunSession, _ arguments: Arguments,
    _ terminal: Terminal
  ) async throws -> ExitCode {
    let state = RunState(try await session.journal.events(of: run.description))
    switch outcome {
    case .paused, .waitingForApproval:
      terminal.output(RunText.text(state))
      terminal.error("Go on with: mosaic-dr resume \(run)")
      return .paused
    case .interrupted:
      terminal.output(RunText.text(state))
      terminal.error("Interrupted; nothing is lost. Go on with: mosaic-dr resume \(run)")
      return .interrupted
    case .finished: break
    }
    let report = try await EvidenceCommands.conclude(run, session, terminal)
    let figures = report.figures
    if state.isCancelled { return .interrupted }
    let isBroken = state.steps.values.contains { $0.status == .failed || $0.status == .cancelled }
    if isBroken { return .runFailed }
    let isMet = figures.verdict == .pass || figures.verdict == .passWithExceptions
    guard isMet else { return .objectiveMissed }
    return ReportCommands.isWithin(report.regressionGate, report, terminal)
      ? .success : .objectiveMissed
  }
}
