public import RunJournal

/// A request that concerns one step, held against how the run stands.
public struct StepRequest {
  private let action: OperatorRequest.Action
  private let step: String
  private let hasReason: Bool
  private let record: RunCreation.StepRecord?
  private let siblings: [RunCreation.StepRecord]
  private let state: RunState

  /// Nil when the request concerns no step.
  public init?(_ request: OperatorRequest, _ state: RunState) {
    guard request.action == .retry || request.action == .skip, let step = request.step else {
      return nil
    }
    action = request.action
    self.step = step
    hasReason = request.reason?.isEmpty == false
    let steps = state.creation?.steps ?? []
    record = steps.first { $0.id == step }
    let component = record?.component
    siblings = steps.filter { $0.component == component }
    self.state = state
  }

  /// Why it cannot be done; nil when it can.
  public var refusal: String? {
    guard let record else { return "the run has no step of that name" }
    let status = state.status(of: step)
    if status == .succeeded { return "it has succeeded" }
    if action == .skip {
      if record.phase == .cleanup { return "a cleanup is never left out" }
      if status == .skipped { return "it is left out already" }
      if !hasReason { return "a step is left out only with a reason" }
    }
    if action == .retry, status != .failed, status != .skipped {
      return status == .cancelled
        ? "it was given up over another step: retry the one that failed" : "it has not failed"
    }
    if state.isCancelled, record.phase != .cleanup { return "the run is being given up" }
    let cleanups = siblings.filter { $0.phase == .cleanup && $0.id != step }
    if record.phase != .cleanup, cleanups.contains(where: { state.status(of: $0.id) != .pending }) {
      return "what the drill made is being removed already; start a new drill"
    }
    return nil
  }
}
