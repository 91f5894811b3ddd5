import AWSClient
import BucketComparison
import Platform
import RunEngine
import RunJournal

extension CompareBuckets.Purpose {
  /// Who says what a difference is.
  ///
  /// - Throws: when a step that it goes by has not been done.
  func judge(
    from: S3Side, to: S3Side, maximumLag: Duration, replicatedSince: Timestamp?,
    listedAt: Timestamp, _ context: StepContext
  ) throws -> Judge {
    if let replicatedSince, replicatedSince > listedAt {
      throw Problem(
        "the replication is still to begin", on: "\(from.bucket) to \(to.bucket)",
        because: "the plan says that it is replicated since \(replicatedSince)",
        fix: "Correct replicatedSince in the plan.")
    }
    switch self {
    case .replication(let buckets, let replication):
      let rules = try context.output(of: replication, as: CheckReplication.Output.self).rules
      // A rule that opts in to KMS is there since somebody encrypts with it.
      let mayUseKMS = rules.rules.contains(where: \.replicatesKMS)
      return Judge(
        rules: rules, maximumLag: maximumLag, replicatedSince: replicatedSince,
        etagsAreComparable: try !mayUseKMS && etagsAreComparable(buckets, context),
        listedAt: listedAt, expirations: try expirations(of: from.bucket, buckets, context))
    case .copy(let buckets, _):
      let mayUseKMS = !from.keys.isEmpty || !to.keys.isEmpty
      return Judge(
        .copy, rules: nil, maximumLag: .zero, replicatedSince: nil,
        etagsAreComparable: try !mayUseKMS && etagsAreComparable(buckets, context),
        listedAt: listedAt)
    }
  }

  /// Tells where there is nothing to compare; a copy of nothing brings nothing back.
  ///
  /// - Throws: when that is all there is to be copied.
  func noteEmpty(in from: S3Side, _ prefixes: [String], _ context: StepContext) async throws {
    let empty = try await from.emptyPlaces(among: prefixes, context)
    guard !empty.isEmpty else { return }
    if case .copy = self, empty.count == max(prefixes.count, 1) {
      throw Problem(
        "there is nothing to bring back", on: from.naming(empty), because: "no object stands there",
        fix: "Correct the prefixes or the bucket in the plan; see 'aws s3 ls s3://\(from.bucket)/'."
      )
    }
    context.note(
      Finding(
        .exception,
        "No object stands in \(from.naming(empty)): nothing was compared there. Are the prefixes right?"
      ))
  }

  private func expirations(
    of bucket: String, _ step: String, _ context: StepContext
  ) throws -> ExpirationRules {
    let found = try context.output(of: step, as: CheckBuckets.Output.self).buckets
    return ExpirationRules(found.first { $0.bucket == bucket }?.lifecycle ?? [])
  }

  private func etagsAreComparable(_ step: String, _ context: StepContext) throws -> Bool {
    try context.output(of: step, as: CheckBuckets.Output.self).etagsAreComparable
  }
}
