import AWSClient
import Platform

/// Says what a difference is once both sides were asked about the object itself. Pure.
public struct Examination: Sendable {
  /// What became of a difference.
  public enum Result: Sendable, Equatable {
    /// It is none any more.
    case same
    /// It is none as far as sizes and times can tell.
    case sameBySize
    /// It is one, and what it is held for now.
    case differs(JudgedDifference)
    /// S3 did not show one of the objects: what the listings say stays.
    case unexamined(JudgedDifference, reason: String)
  }

  /// What was said by the listings alone.
  public let judge: Judge
  /// Whether the source shows replication statuses at all: only then does the lack of one mean that
  /// an object was never to be replicated.
  public let showsStatus: Bool

  /// Creates an examination.
  public init(judge: Judge, showsStatus: Bool) {
    self.judge = judge
    self.showsStatus = showsStatus
  }

  /// What became of the difference.
  public func refine(
    _ judged: JudgedDifference, source: ObjectHead, replica: ObjectHead
  ) -> Result {
    if let reason = source.refusal ?? replica.refusal {
      return .unexamined(judged, reason: reason)
    }
    if judged.difference.isHidden {
      return refine(hidden: judged, source: source, replica: replica)
    }
    if judged.difference.source == nil { return refineExtra(judged, source, replica) }
    guard source.exists else { return .same }
    // Of a delete marker S3 shows nothing more.
    if source.isDeleted { return .differs(judged) }
    switch judge.likeness(of: source, and: replica) {
    case .same: return .same
    case .sameBySize: return .sameBySize
    case .other: break
    }
    let now = judged.asSeen(replica, judge)
    return .differs(judge.purpose == .copy ? refineCopy(now, source) : refineMissing(now, source))
  }

  /// What S3 says of the replication of an object that the replica should have.
  private func refineMissing(_ judged: JudgedDifference, _ source: ObjectHead) -> JudgedDifference {
    let said = { (kind: DifferenceKind, reason: String) in
      JudgedDifference(judged.difference, kind, reason)
    }
    var judged = judged
    if judge.isExcusedByArchive(judged) {
      guard source.status != nil else { return judged }
      judged = judge.withoutExcuse(judged)
    }
    if source.status == .failed { return judged.asReplicated(.failed) }
    if judged.kind == .inFlight { return judged }
    if let modified = source.modified, let listed = judged.difference.source?.modified,
      modified > listed
    {
      return said(.inFlight, "changed since it was listed")
    }
    if let status = source.status { return judged.asReplicated(status) }
    guard showsStatus else { return judged }
    return said(
      .neverEligible,
      judge.whyNoStatus(
        of: judged.difference.key, isKMS: source.encryption?.hasPrefix("aws:kms") ?? false))
  }

  /// An archived object can be copied for as long as it is restored.
  private func refineCopy(_ judged: JudgedDifference, _ source: ObjectHead) -> JudgedDifference {
    guard judged.kind == .archived else { return judged }
    guard source.isReadable else {
      let isOnItsWay = source.restoration?.contains("ongoing-request=\"true\"") ?? false
      return isOnItsWay
        ? JudgedDifference(
          judged.difference, .archived, "\(judged.reason), which is under way") : judged
    }
    return judged.difference.replica == nil
      ? JudgedDifference(judged.difference, .missing, "the \(judge.other) does not have it")
      : JudgedDifference(judged.difference, .stale, "the \(judge.other) is older")
  }

  private func refineExtra(
    _ judged: JudgedDifference, _ source: ObjectHead, _ replica: ObjectHead
  ) -> Result {
    guard replica.exists else { return .same }
    let said = { (kind: DifferenceKind, reason: String) in
      Result.differs(JudgedDifference(judged.difference, kind, reason))
    }
    if source.exists { return said(.inFlight, "made since it was listed") }
    guard source.isDeleted else {
      return said(
        .neverEligible, "deleted by version, which is never replicated, or never at the source")
    }
    guard judge.rules?.replicateDeleteMarker(of: judged.difference.key) ?? true else {
      return said(.neverEligible, "deleted at the source; delete markers are not replicated")
    }
    if let modified = source.modified, judge.listedAt - modified <= judge.maximumLag {
      return said(.inFlight, "deleted within the allowed lag")
    }
    return said(.extra, "deleted at the source, and the replica still has it")
  }
}

extension JudgedDifference {
  /// The same with what S3 says of the replication of the object.
  func asReplicated(_ status: ObjectHead.Status) -> JudgedDifference {
    switch status {
    case .failed:
      JudgedDifference(difference, .failed, "its replication failed, and is not tried again")
    case .pending: JudgedDifference(difference, kind, "\(reason); its replication is pending")
    case .completed: JudgedDifference(difference, kind, "\(reason), although it was replicated")
    case .replica:
      JudgedDifference(
        difference, .neverEligible, "itself a replica, which is not replicated again")
    }
  }

  /// The same with what the replica has by now, when it was found to have nothing.
  fileprivate func asSeen(_ replica: ObjectHead, _ judge: Judge) -> JudgedDifference {
    guard replica.exists, difference.replica == nil, let source = difference.source,
      kind != .inFlight
    else { return self }
    let seen = Difference(
      source: source,
      replica: ObjectRecord(
        key: source.key, etag: replica.etag, size: replica.size, modified: replica.modified,
        version: source.version, storageClass: replica.storageClass,
        isDeleteMarker: replica.isDeleted))
    return judge.judge(seen)
      ?? JudgedDifference(
        seen, judge.purpose == .copy ? .newer : .different,
        "the checksums of the content differ")
  }
}
