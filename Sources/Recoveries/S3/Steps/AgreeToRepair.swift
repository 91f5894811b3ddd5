import BucketComparison
import RunEngine
import RunJournal

/// Waits for a person to agree to a repair, when there is anything to repair.
struct AgreeToRepair: ObservingStep {
  typealias Output = AwaitApproval.Output

  static let kind = AwaitApproval.kind
  static let phase = StepPhase.prepare

  let approval: AwaitApproval
  let comparisonStep: String

  var summary: String { "\(approval.summary), if anything is to be copied" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let tally = try context.output(of: comparisonStep, as: CompareBuckets.Output.self).tally
    guard CopyOrder.kinds.contains(where: { tally[$0] > 0 }) else {
      return .ready(Output(by: []))
    }
    return try await approval.observe(context)
  }
}
