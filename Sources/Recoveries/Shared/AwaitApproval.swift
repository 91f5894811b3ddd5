import RunEngine
import RunJournal

/// Waits until enough different people have agreed, before anything is changed.
struct AwaitApproval: ObservingStep {
  struct Output: Codable, Sendable {
    let by: [String]
  }

  static let kind = "approval"
  static let phase = StepPhase.prepare

  let needed: Int
  /// What the command needs to find the run at another terminal.
  let stateOption: String

  var summary: String { "wait for \(needed == 1 ? "a person" : "\(needed) people") to approve" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let people = context.approvedBy
    guard people.count < needed else { return .ready(Output(by: people)) }
    return .waiting(
      Progress(
        "approval \(people.count) of \(needed): mosaic-dr approve \(context.run) \(context.step)"
          + stateOption,
        isNear: true))
  }
}
