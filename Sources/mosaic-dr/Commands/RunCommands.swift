import AWSClient
import Glibc
import Measurement
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Commands that start, steer and show runs.
enum RunCommands {
  static func drill(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await start(.drill, arguments, terminal)
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
    let session = try RunSession(surroundings, terminal)
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
    let (run, outcome) = try await session.start(
      plan, mode: mode, identity: caller, incident: incident, pointInTime: pointInTime,
      options: options(arguments))
    return try await conclude(run, outcome, session, arguments, terminal)
  }

  static func resume(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let session = try RunSession(Surroundings(arguments), terminal)
    let (run, outcome) = try await session.resume(
      try arguments.operand("RUN"), options: options(arguments))
    return try await conclude(run, outcome, session, arguments, terminal)
  }

  static func approve(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await ask(
      .approve, step: arguments.operands.dropFirst().first ?? "approval", arguments, terminal)
  }

  static func pause(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await ask(.pause, step: nil, arguments, terminal)
  }

  static func cancel(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await ask(.cancel, step: nil, arguments, terminal)
  }

  private static func ask(
    _ action: OperatorRequest.Action, step: String?, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    let journal = try surroundings.journal()
    let id = try arguments.operand("RUN").uppercased()
    guard try await journal.run(id) != nil else { throw journal.doesNotKnow(id) }
    let request = OperatorRequest(
      action: action, step: step, reason: nil, by: surroundings.operatorName)
    try await journal.ask(request, of: id)
    let isHeld = try await journal.holder(of: id) != nil
    terminal.output(
      isHeld
        ? "\(action.rawValue): asked of run \(id)"
        : "\(action.rawValue): noted; it takes effect with 'mosaic-dr resume \(id)'")
    return .success
  }

  static func runs(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    for run in try await Surroundings(arguments).journal().runs() {
      let state: String
      if run.latest == .runFinished {
        state = "finished"
      } else if run.holder?.process.isCertainlyGone(seenFrom: .current()) == false {
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
    let journal = try Surroundings(arguments).journal()
    let id = try arguments.operand("RUN").uppercased()
    terminal.output(RunText.text(RunState(try await journal.verifiedEvents(of: id))))
    return .success
  }

  private static func options(_ arguments: Arguments) -> RunExecutor.Options {
    RunExecutor.Options(
      parallelism: arguments["--parallel"].flatMap { Int($0) } ?? 16,
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
    guard terminal.isInteractive else {
      throw UsageError(
        message: "a restore asks for confirmation, and there is no terminal to ask on",
        fix: "Add --yes when a machine has to start it.")
    }
    terminal.error("Type the plan's name to go on: ")
    guard readLine()?.trimmingWhitespace() == plan.name else {
      throw UsageError(message: "not confirmed; nothing was done", fix: "Type '\(plan.name)'.")
    }
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
    let figures = try await EvidenceCommands.conclude(
      run.description, session.journal, arguments, session.surroundings, terminal)
    if state.isCancelled { return .interrupted }
    let isBroken = state.steps.values.contains { $0.status == .failed || $0.status == .cancelled }
    if isBroken { return .runFailed }
    let isMet = figures.verdict == .pass || figures.verdict == .passWithExceptions
    return isMet ? .success : .objectiveMissed
  }
}
