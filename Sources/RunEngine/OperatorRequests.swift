import RunJournal
import StrictJSON

/// What operators may ask of a run, decided on the loop's own task.
extension ExecutionLoop {
  mutating func handle(_ request: OperatorRequest) async throws {
    switch request.action {
    case .pause: leave(.paused)
    case .cancel: try await windDown(because: "cancelled by \(request.by)")
    case .approve:
      guard let step = request.step else { return }
      try await executor.log.write(
        EventDraft(.approvalGranted, step: step, body: ["by": .string(request.by)]))
    case .retry, .skip:
      if let refusal = StepRequest(request, executor.log.current)?.refusal {
        let text =
          "\(request.action.rawValue) of \(request.step ?? "a step"), asked for by "
          + "\(request.by), was not done: \(refusal)"
        try await executor.log.write(
          EventDraft(.finding, body: try JSONValue(encoding: Finding(.note, text))))
      } else {
        try await change(request)
      }
    }
  }

  private mutating func change(_ request: OperatorRequest) async throws {
    guard let step = request.step else { return }
    let body: JSONValue = [
      "by": .string(request.by), "reason": .string(request.reason ?? "asked for by \(request.by)"),
    ]
    if request.action == .skip, running[step] != nil {
      letGo(step, skip: body)
      return
    }
    let first = EventDraft(
      request.action == .skip ? .stepSkipped : .stepReopened, step: step, body: body)
    let behind = executor.givenUp(behind: step).map {
      EventDraft(.stepReopened, step: $0, body: body)
    }
    try await executor.log.write([first] + behind)
    reschedule()
  }
}
