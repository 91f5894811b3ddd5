import BucketComparison
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Fails when a comparison has found what nobody has mended.
struct ConfirmComparison: ObservingStep {
  static let kind = "s3.confirm"
  static let phase = StepPhase.verify
  /// How many objects of a kind are named.
  private static let maximumNamed = 5

  struct Output: Codable, Sendable {
    let objects: Int
  }

  let comparisonStep: String
  let what: String

  var summary: String { "make sure that \(what)" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let found = try context.output(of: comparisonStep, as: CompareBuckets.Output.self)
    guard found.tally.findings == 0 else { throw try await problem(found) }
    return .ready(Output(objects: found.tally.sourceObjects))
  }

  private func problem(_ found: CompareBuckets.Output) async throws -> Problem {
    let tally = found.tally
    var reasons = [found.text]
    var remedies: [String] = []
    if tally[.archived] > 0 {
      reasons.append(try await naming(.archived, found))
      remedies.append(
        "Restore what is archived (aws s3api restore-object), which takes hours; once it can be read, run "
          + "the plan again: it copies what is left.")
    }
    if tally[.newer] > 0 {
      reasons.append(try await naming(.newer, found))
      remedies.append(
        "What the target has newer is never overwritten: look which of the two is wanted, and remove the "
          + "other.")
    }
    if tally.findings > tally[.archived] + tally[.newer] {
      remedies.append(
        "Read the list \(found.list ?? "of findings") (zstd -dc); what S3 failed to replicate it does not "
          + "try again: copy it, or use S3 Batch Replication.")
    }
    return Problem(
      "the buckets are not the same", on: comparisonStep, because: reasons.joined(separator: "; "),
      fix: remedies.joined(separator: " "))
  }

  /// The first objects of a kind.
  private func naming(_ kind: DifferenceKind, _ found: CompareBuckets.Output) async throws -> String
  {
    var keys: [String] = []
    if let list = found.list {
      do {
        try await FindingsList(list).forEach { lines in
          keys += lines.filter { $0["kind"]?.stringValue == kind.rawValue }
            .compactMap { $0["key"]?.stringValue ?? $0["key_encoded"]?.stringValue }
          if keys.count >= Self.maximumNamed { throw EnoughNamed() }
        }
      } catch is EnoughNamed {}
    }
    let text = keys.quoted(atMost: Self.maximumNamed, of: found.tally[kind])
    return "\(kind.rawValue): \(text)"
  }

  private struct EnoughNamed: Error {}
}
