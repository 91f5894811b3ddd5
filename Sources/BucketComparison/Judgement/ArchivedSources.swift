import AWSClient

/// Objects of the source that are in an archive. S3 does not replicate what is stored there (S3 User Guide, "What
/// does Amazon S3 replicate?"), but a lifecycle rule may have put there what had been replicated before: only an
/// object's replication status tells.
extension Judge {
  static let archived = "archived"

  /// Whether nothing but its archive excuses it.
  func isExcusedByArchive(_ judged: JudgedDifference) -> Bool {
    guard purpose == .replication, judged.kind == .neverEligible,
      let source = judged.difference.source, source.isArchived
    else { return false }
    return judged.reason == Self.archived
  }

  /// What it is when its archive does not excuse it.
  func withoutExcuse(_ judged: JudgedDifference) -> JudgedDifference {
    byTheListings(judged.difference, excusesArchives: false) ?? judged
  }
}

extension ObjectHead {
  /// Whether S3 has replicated, or meant to replicate, what is in an archive now.
  var isArchivedReplicated: Bool {
    StorageClasses.archived.contains(storageClass)
      && [.completed, .pending, .failed].contains(status)
  }
}
