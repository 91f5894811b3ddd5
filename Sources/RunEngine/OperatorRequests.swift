import RunJournal
import StrictJSON

/// What operators may ask of a run, decided on the loop's own task.
extension ExecutionLoop {
  /// - Returns: whether the request is done with; else it is when the step it concerns has let go.
  mutating func handle(_ id: Int64, _ request: OperatorRequest) async throws -> Bool {
    switch request.action {
    case .pause: leave(.paused)
    case .cancel: try await windDown(because: "cancelled by \(request.by)")
    case .approve:
      guard let step = request.step else { return true }
      try await executor.log.write(
        EventDraft(.approvalGranted, step: step, body: ["by": .string(request.by)]))
    case .retry, .skip:
      guard let refusal = StepRequest(request, executor.log.current)?.refusal else {
        return try await change(id, request)
      }
      let text =
        "\(request.action.rawValue) of \(request.step ?? "a step"), asked for by "
        + "\(request.by), was not done: \(refusal)"
      try await executor.log.write(
        EventDraft(.finding, body: try JSONValue(encoding: Finding(.note, text))))
    }
    return true
  }

  private mutating func change(_ id: Int64, _ request: OperatorRequest) async throws -> Bool {
    guard let step = request.step else { return true }
    let body: JSONValue = [
      "by": .string(request.by), "reason": .string(request.reason ?? "asked for by \(request.by)"),
    ]
    if request.action == .skip, running[step] != nil {
      return !letGo(step, id: id, request, body: body)
    }
    let first = EventDraft(
      request.action == .skip ? .stepSkipped : .stepReopened, step: step, body: body)
    let behind = executor.givenUp(behind: step).map {
      EventDraft(.stepReopened, step: $0, body: body)
    }
    try await executor.log.write([first] + behind)
    reschedule()
    return true
  }
}
