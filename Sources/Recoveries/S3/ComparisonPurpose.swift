import AWSClient
import BucketComparison
import Platform
import RunEngine

extension CompareBuckets.Purpose {
  /// Who says what a difference is.
  ///
  /// - Throws: when a step that it goes by has not been done.
  func judge(
    from: S3Side, to: S3Side, maximumLag: Duration, replicatedSince: Timestamp?,
    listedAt: Timestamp, _ context: StepContext
  ) throws -> Judge {
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
