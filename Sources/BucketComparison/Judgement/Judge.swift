import AWSClient
public import Platform

/// Says what a difference is, from the listings and the replication rules alone. Pure.
public struct Judge: Sendable {
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

  /// Creates a judge.
  public init(
    rules: ReplicationRules?, maximumLag: Duration, replicatedSince: Timestamp?,
    etagsAreComparable: Bool, listedAt: Timestamp
  ) {
    self.rules = rules
    self.maximumLag = maximumLag
    self.replicatedSince = replicatedSince
    self.etagsAreComparable = etagsAreComparable
    self.listedAt = listedAt
  }

  /// What the difference is; nil when it is none, as far as a listing can tell.
  public func judge(_ difference: Difference) -> JudgedDifference? {
    let said = { (kind: DifferenceKind, reason: String) in
      JudgedDifference(difference, kind, reason)
    }
    guard let source = difference.source else {
      return said(
        .extra,
        difference.replica?.isDeleteMarker == true
          ? "a delete marker that the source does not have" : "the source does not have it")
    }
    guard let replica = difference.replica else {
      if let reason = whyNeverEligible(source) { return said(.neverEligible, reason) }
      return isYoung(source)
        ? said(.inFlight, "younger than the allowed lag")
        : said(.missing, "the replica does not have it")
    }
    let isOlder = isOlder(replica, than: source)
    if source.size == replica.size, source.isDeleteMarker == replica.isDeleteMarker,
      source.etag == replica.etag || (!canCompareETags(source, replica) && !isOlder)
    {
      return nil
    }
    if let reason = whyNeverEligible(source) { return said(.neverEligible, reason) }
    if isYoung(source) { return said(.inFlight, "younger than the allowed lag") }
    let what =
      source.size == replica.size
      ? "the ETags differ" : "\(source.size) and \(replica.size) bytes"
    return isOlder ? said(.stale, "\(what), and the replica is older") : said(.different, what)
  }

  /// Unequal ETags prove a difference only when both are MD5 sums of the content: not of several
  /// parts, whose sizes may differ, and not under SSE-KMS or SSE-C.
  public func canCompareETags(_ source: ObjectRecord, _ replica: ObjectRecord) -> Bool {
    etagsAreComparable && !source.etag.contains("-") && !replica.etag.contains("-")
      && !source.etag.isEmpty && !replica.etag.isEmpty
  }

  /// Whether it was changed within the allowed lag before the listing, or after that.
  public func isYoung(_ record: ObjectRecord) -> Bool {
    record.modified.map { listedAt - $0 <= maximumLag } ?? false
  }

  /// Why no rule would ever have replicated it; nil when one would.
  public func whyNeverEligible(_ record: ObjectRecord) -> String? {
    if let replicatedSince, let modified = record.modified, modified < replicatedSince {
      return "older than the replication"
    }
    if ["GLACIER", "DEEP_ARCHIVE"].contains(record.storageClass) { return "archived" }
    guard let rules else { return nil }
    switch rules.coverage(of: record.key) {
    case .uncovered: return "no rule covers it"
    case .covered(let rule) where record.isDeleteMarker && !rule.replicatesDeleteMarkers:
      return "delete markers are not replicated"
    case .covered, .dependsOnTags: return nil
    }
  }

  private func isOlder(_ replica: ObjectRecord, than source: ObjectRecord) -> Bool {
    guard let mine = replica.modified, let theirs = source.modified else { return false }
    return mine < theirs
  }
}
