import AWSClient
public import Platform

/// Says what a difference is, from the listings and the replication rules alone. Pure.
public struct Judge: Sendable {
  /// What the comparison is for.
  public enum Purpose: Sendable {
    /// How far S3's replication has come.
    case replication
    /// What has to be copied, or whether it was.
    case copy
  }

  /// What the comparison is for.
  public let purpose: Purpose
  /// The rules from the source to the replica; nil when they are not known.
  public let rules: ReplicationRules?
  /// How far the replica may be behind.
  public let maximumLag: Duration
  /// Objects from before this moment were there before replication; nil when that is not known.
  public let replicatedSince: Timestamp?
  /// Whether single-part ETags are MD5 sums on both sides: they are not under SSE-KMS and SSE-C
  /// (API Reference, "Object", ETag).
  public let etagsAreComparable: Bool
  /// The service's clock when the listing of the source began.
  public let listedAt: Timestamp
  /// What the source's lifecycle deletes.
  public let expirations: ExpirationRules

  /// Creates a judge.
  public init(
    _ purpose: Purpose = .replication, rules: ReplicationRules?, maximumLag: Duration,
    replicatedSince: Timestamp?, etagsAreComparable: Bool, listedAt: Timestamp,
    expirations: ExpirationRules = ExpirationRules([])
  ) {
    self.purpose = purpose
    self.rules = rules
    self.maximumLag = maximumLag
    self.replicatedSince = replicatedSince
    self.etagsAreComparable = etagsAreComparable
    self.listedAt = listedAt
    self.expirations = expirations
  }

  /// What the difference is; nil when it is none, as far as a listing or a report can tell.
  public func judge(_ difference: Difference) -> JudgedDifference? {
    byTheListings(difference).map(refine(byReport:))
  }

  /// - Parameter excusesArchives: whether what is archived at the source counts as never replicated.
  func byTheListings(
    _ difference: Difference, excusesArchives: Bool = true
  ) -> JudgedDifference? {
    if difference.isHidden { return judge(hidden: difference) }
    let said = { (kind: DifferenceKind, reason: String) in
      JudgedDifference(difference, kind, reason)
    }
    guard let source = difference.source else {
      if purpose == .replication, let replica = difference.replica, isYoung(replica) {
        return said(.inFlight, "younger than the listing of the source, or than the allowed lag")
      }
      if purpose == .copy { return said(.onlyAtTarget, "only the target has it, and keeps it") }
      // A version stays where it is when a rule deletes the object.
      if difference.version.isEmpty,
        let reason = expirations.reason(
          for: difference.key, difference.replica, deletedBy: listedAt)
      {
        return said(.neverEligible, reason)
      }
      return said(
        .extra,
        difference.replica?.isDeleteMarker == true
          ? "a delete marker that the source does not have" : "the source does not have it")
    }
    guard let replica = difference.replica else {
      if let reason = whyNeverEligible(source, excusesArchives) {
        return said(.neverEligible, reason)
      }
      if source.isDeleteMarker,
        let reason = expirations.reason(
          for: source.key, difference.deleted, deletedBy: source.modified)
      {
        return said(.neverEligible, reason)
      }
      if isYoung(source) { return said(.inFlight, "younger than the allowed lag") }
      if let reason = whyNotReadable(source) { return said(.archived, reason) }
      return said(.missing, "the \(other) does not have it")
    }
    let isOlder = Likeness.isOlder(replica.modified, than: source.modified)
    if source.size == replica.size, source.isDeleteMarker == replica.isDeleteMarker,
      source.etag == replica.etag || (!canCompareETags(source, replica) && !isOlder)
    {
      return nil
    }
    if let reason = whyNeverEligible(source, excusesArchives) {
      return said(.neverEligible, reason)
    }
    if isYoung(source) { return said(.inFlight, "younger than the allowed lag") }
    if purpose == .replication, let modified = replica.modified, modified > listedAt {
      return said(.inFlight, "changed since the source was listed")
    }
    let what =
      source.size == replica.size
      ? "the ETags differ" : "\(source.size) and \(replica.size) bytes"
    guard isOlder else {
      return purpose == .copy
        ? said(.newer, "\(what), and the target is not older: it is not overwritten")
        : said(.different, what)
    }
    if let reason = whyNotReadable(source) { return said(.archived, reason) }
    return said(.stale, "\(what), and the \(other) is older")
  }

  /// What the bucket is called that is held against the source.
  var other: String { purpose == .copy ? "target" : "replica" }

  /// Whether a look at the object itself may say something else than the listings.
  public func isInDoubt(_ judged: JudgedDifference) -> Bool {
    guard purpose == .copy else { return judged.kind.isFinding }
    switch judged.kind {
    case .archived: return true
    case .newer: return judged.difference.source?.size == judged.difference.replica?.size
    default: return false
    }
  }

  /// Unequal ETags prove a difference only when both are MD5 sums of the content: not of several
  /// parts, whose sizes may differ, and not under SSE-KMS or SSE-C.
  public func canCompareETags(_ source: ObjectRecord, _ replica: ObjectRecord) -> Bool {
    let mayBe = { (record: ObjectRecord) in
      !record.etag.isEmpty && !record.etag.contains("-")
        && [.unknown, .plain].contains(record.told.encryption)
    }
    let arePlain = source.told.encryption == .plain && replica.told.encryption == .plain
    return (etagsAreComparable || arePlain) && mayBe(source) && mayBe(replica)
  }

  /// Whether it was changed within the allowed lag before the listing, or after that.
  public func isYoung(_ record: ObjectRecord) -> Bool {
    record.modified.map { listedAt - $0 <= maximumLag } ?? false
  }

  private func whyNeverEligible(_ record: ObjectRecord, _ excusesArchives: Bool) -> String? {
    if let reason = whyNeverEligible(record) { return reason }
    return excusesArchives && purpose == .replication && record.isArchived ? Self.archived : nil
  }

  /// Why no rule would ever have replicated it, wherever it is stored; nil when one would.
  func whyNeverEligible(_ record: ObjectRecord) -> String? {
    if let replicatedSince, let modified = record.modified, modified < replicatedSince {
      return "older than the replication"
    }
    guard let rules else { return nil }
    if rules.coverage(of: record.key) == .uncovered { return "no rule covers it" }
    return record.isDeleteMarker && !rules.replicateDeleteMarker(of: record.key)
      ? "delete markers are not replicated" : nil
  }

  /// Why S3 refuses to copy it; nil when it does not.
  private func whyNotReadable(_ record: ObjectRecord) -> String? {
    guard purpose == .copy, record.isArchived else { return nil }
    return "in \(record.storageClass): S3 copies it only once it is restored (RestoreObject)"
  }
}
