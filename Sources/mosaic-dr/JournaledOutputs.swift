import Recoveries
import RunJournal
import StrictJSON

extension EarlierOutputs {
  /// How many runs of a plan are looked through, the latest first.
  private static let maximumRuns = 20

  /// What the latest run of a plan that found something out under a step's name found out.
  static func journaled(_ plan: String, in journal: Journal) -> EarlierOutputs {
    EarlierOutputs { step in
      for summary in try await journal.runs(plan: plan, limit: maximumRuns) where !summary.isPruned
      {
        let events = try await journal.events(of: summary.record.id)
        let output = events.last { $0.type == .stepSucceeded && $0.step == step }?.body["output"]
        if let output, output.objectValue?.members.isEmpty == false { return output }
      }
      return nil
    }
  }
}
