import BucketComparison
import Platform
import RunEngine
import RunJournal

/// Fails when a comparison has found what nobody has mended.
struct ConfirmComparison: ObservingStep {
  static let kind = "s3.confirm"
  static let phase = StepPhase.verify

  struct Output: Codable, Sendable {
    let objects: Int
  }

  let comparisonStep: String
  let what: String

  var summary: String { "make sure that \(what)" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let found = try context.output(of: comparisonStep, as: CompareBuckets.Output.self)
    guard found.tally.findings == 0 else {
      throw Problem(
        "the buckets are not the same", on: comparisonStep, because: found.text,
        fix:
          "Read the list \(found.list ?? "of findings") (zstd -dc); what S3 failed to replicate it "
          + "does not try again: copy it, or use S3 Batch Replication.")
    }
    return .ready(Output(objects: found.tally.sourceObjects))
  }
}
