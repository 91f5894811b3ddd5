import BucketComparison
import RunEngine
import RunJournal

extension ComparisonTally {
  /// Says what S3 was never to replicate, and why.
  func noteNeverEligible(from source: String, to replica: String, _ context: StepContext) {
    let reasons = neverEligibleByReason.map { "\($0.count.grouped) \($0.reason)" }
      .joined(separator: "; ")
    guard !reasons.isEmpty else { return }
    context.note(
      unprotected == 0
        ? Finding(.note, "Never to be replicated: \(reasons).")
        : Finding(
          .exception,
          "\(unprotected.grouped) objects of \(source) are not at \(replica), and were never to be replicated: \(reasons)."
        ))
  }

  /// Says what the comparison did not see as closely as the rest, and what is of no use at once.
  func noteDoubts(in replica: String, _ context: StepContext) {
    if sameBySize > 0 {
      context.note(
        Finding(
          .note,
          "\(sameBySize.grouped) objects were compared by size and time alone: their ETags are no MD5 "
            + "sums on both sides."))
    }
    let unasked = unexamined - refusals.values.reduce(0, +)
    if unasked > 0 {
      context.note(
        Finding(.note, "\(unasked.grouped) differences were judged by the listings alone."))
    }
    for (reason, count) in refusals.sorted(by: { $0.key < $1.key }) {
      context.note(
        Finding(
          .warning, "\(count.grouped) could not be looked up: S3 answered \(reason)."))
    }
    for (name, count) in archivedReplicas.sorted(by: { $0.key < $1.key }) {
      context.note(
        Finding(
          .warning,
          "\(count.grouped) objects of \(replica) are in \(name): they can be read only once they are "
            + "restored, which takes \(StorageClasses.thawing[name] ?? "hours")."))
    }
  }
}
