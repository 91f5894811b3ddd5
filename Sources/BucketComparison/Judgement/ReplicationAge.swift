import Platform

/// Since when a rule has replicated, as far as objects that were looked up tell; S3 itself does not say.
///
/// What was written before there was a rule has no replication status, nor has what was written before that. The
/// lack of one says nothing when an older object has one: the rule was only switched off for a while.
struct ReplicationAge: Sendable, Equatable {
  /// When the youngest object without a status was written, of those older than all that have one.
  private var without: Timestamp?
  /// When the oldest object with one was written.
  private var with: Timestamp?

  /// Notes what S3 shows of an object that the rule covers.
  mutating func note(_ head: ObjectHead, optsInToKMS: Bool) {
    guard head.exists, !head.isDeleted, head.refusal == nil, let modified = head.modified else {
      return
    }
    switch head.status {
    case .pending, .completed, .failed:
      with = with.map { min($0, modified) } ?? modified
      if let known = without, known >= modified { without = nil }
    // Of these the lack of a status of their own says nothing of the rule's age.
    case .replica: return
    case nil where StorageClasses.archived.contains(head.storageClass): return
    case nil where head.encryption?.hasPrefix("aws:kms") ?? false && !optsInToKMS: return
    case nil where with.map { $0 <= modified } ?? false: return
    case nil: without = without.map { max($0, modified) } ?? modified
    }
  }

  /// Whether what was written then must have been there before the rule.
  func isBehind(_ modified: Timestamp) -> Bool {
    without.map { modified <= $0 } ?? false
  }
}
