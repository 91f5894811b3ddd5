import Platform
import RunEngine
import RunJournal

/// Commands that ask something of a run, whoever executes it.
enum SteeringCommands {
  static func approve(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let run = try await SteeredRun.named(in: arguments)
    let step = arguments.operands.dropFirst().first ?? "approval"
    let steps = run.state.creation?.steps.filter { $0.kind == "approval" }.map(\.id) ?? []
    let refusal: String? =
      if steps.isEmpty {
        "the run waits for nobody: its plan asks for no approval"
      } else if !steps.contains(step) {
        "only this can be approved: \(steps.joined(separator: ", "))"
      } else {
        run.state.status(of: step).isTerminal ? "the step has ended" : nil
      }
    return try await run.ask(run.request(.approve, step: step), refusal, terminal)
  }

  static func pause(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let run = try await SteeredRun.named(in: arguments)
    let refusal = run.isHeld ? nil : "nobody executes it now: it is laid down already"
    return try await run.ask(run.request(.pause, step: nil), refusal, terminal)
  }

  static func cancel(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let run = try await SteeredRun.named(in: arguments)
    let refusal: String? =
      if run.state.isFinished {
        "every step has ended"
      } else {
        run.state.isCancelled ? "it is cancelled already" : nil
      }
    let code = try await run.ask(run.request(.cancel, step: nil), refusal, terminal)
    try await run.removeWork()
    return code
  }

  static func retry(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await askOfStep(.retry, arguments, terminal)
  }

  static func skip(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    _ = try arguments.required("--reason")
    return try await askOfStep(.skip, arguments, terminal)
  }

  private static func askOfStep(
    _ action: OperatorRequest.Action, _ arguments: Arguments, _ terminal: Terminal
  ) async throws -> ExitCode {
    guard let step = arguments.operands.dropFirst().first else {
      throw UsageError(
        message: "STEP is missing",
        fix: "Name it: mosaic-dr \(action.rawValue) RUN STEP; 'mosaic-dr show RUN' lists them.")
    }
    let run = try await SteeredRun.named(in: arguments)
    let request = run.request(action, step: step)
    return try await run.ask(request, StepRequest(request, run.state)?.refusal, terminal)
  }
}

/// A run of the journal, and the way to leave a request for it.
private struct SteeredRun {
  let state: RunState
  let isHeld: Bool
  let id: String
  let journal: Journal
  let arguments: Arguments

  static func named(in arguments: Arguments) async throws -> SteeredRun {
    let surroundings = Surroundings(arguments)
    try surroundings.requireJournal()
    let journal = try surroundings.journal()
    let id = try arguments.operand("RUN").uppercased()
    let events = try await journal.verifiedEvents(of: id)
    if events.isEmpty { throw journal.doesNotKnow(id) }
    let holder = try await journal.holder(of: id)
    return SteeredRun(
      state: RunState(events), isHeld: holder != nil, id: id, journal: journal,
      arguments: arguments)
  }

  func request(_ action: OperatorRequest.Action, step: String?) -> OperatorRequest {
    OperatorRequest(
      action: action, step: step, reason: arguments["--reason"],
      by: Surroundings(arguments).operatorName)
  }

  /// What is cancelled does not go on.
  func removeWork() async throws {
    guard let plan = state.creation?.plan else { return }
    try await Surroundings(arguments).removeWork(of: id, plan: plan, journal)
  }

  /// Leaves a request in the journal, unless it makes no sense as the run stands.
  func ask(
    _ request: OperatorRequest, _ refusal: String?, _ terminal: Terminal
  ) async throws -> ExitCode {
    let action = request.action.rawValue
    if let refusal {
      throw Problem(
        "this cannot be done: \(action)", on: request.step.map { "step \($0) of run \(id)" } ?? id,
        because: refusal, fix: "See how the run stands: mosaic-dr show \(id).")
    }
    try await journal.ask(request, of: id)
    terminal.output(
      isHeld
        ? "\(action): asked of run \(id)"
        : "\(action): noted; it takes effect with 'mosaic-dr resume \(id)'")
    return .success
  }
}
