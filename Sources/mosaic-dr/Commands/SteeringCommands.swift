import Platform
import RunEngine
import RunJournal

/// Commands that ask something of a run, whoever executes it.
enum SteeringCommands {
  static func approve(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let step = arguments.operands.dropFirst().first ?? "approval"
    return try await ask(.approve, step: step, arguments, terminal) { state in
      let steps = state.creation?.steps.filter { $0.kind == "approval" }.map(\.id) ?? []
      if steps.isEmpty { return "the run waits for nobody: its plan asks for no approval" }
      if !steps.contains(step) {
        return "only this can be approved: \(steps.joined(separator: ", "))"
      }
      return state.status(of: step).isTerminal ? "the step has ended" : nil
    }
  }

  static func pause(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    let id = try arguments.operand("RUN").uppercased()
    let isHeld = try await surroundings.journal().holder(of: id) != nil
    return try await ask(.pause, step: nil, arguments, terminal) { _ in
      isHeld ? nil : "nobody executes it now: it is laid down already"
    }
  }

  static func cancel(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    try await ask(.cancel, step: nil, arguments, terminal) { state in
      state.isFinished
        ? "every step has ended" : state.isCancelled ? "it is cancelled already" : nil
    }
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
    let request = request(action, step: step, arguments)
    return try await ask(action, step: step, arguments, terminal) { state in
      StepRequest(request, state)?.refusal
    }
  }

  private static func request(
    _ action: OperatorRequest.Action, step: String?, _ arguments: Arguments
  ) -> OperatorRequest {
    OperatorRequest(
      action: action, step: step, reason: arguments["--reason"],
      by: Surroundings(arguments).operatorName)
  }

  /// Leaves a request in the journal, unless it makes no sense as the run stands.
  private static func ask(
    _ action: OperatorRequest.Action, step: String?, _ arguments: Arguments, _ terminal: Terminal,
    refusal: (RunState) -> String?
  ) async throws -> ExitCode {
    let journal = try Surroundings(arguments).journal()
    let id = try arguments.operand("RUN").uppercased()
    guard try await journal.run(id) != nil else { throw journal.doesNotKnow(id) }
    if let refusal = refusal(RunState(try await journal.verifiedEvents(of: id))) {
      throw Problem(
        "this cannot be done: \(action.rawValue)", on: step.map { "step \($0) of run \(id)" } ?? id,
        because: refusal, fix: "See how the run stands: mosaic-dr show \(id).")
    }
    try await journal.ask(request(action, step: step, arguments), of: id)
    let isHeld = try await journal.holder(of: id) != nil
    terminal.output(
      isHeld
        ? "\(action.rawValue): asked of run \(id)"
        : "\(action.rawValue): noted; it takes effect with 'mosaic-dr resume \(id)'")
    return .success
  }
}
