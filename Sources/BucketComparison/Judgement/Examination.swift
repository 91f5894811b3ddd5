import AWSClient
public import Platform

/// What HEAD says of an object.
public struct ObjectHead: Sendable, Equatable {
  /// `x-amz-replication-status`.
  public enum Status: String, Sendable {
    case pending = "PENDING"
    case completed = "COMPLETED"
    case failed = "FAILED"
    case replica = "REPLICA"

    /// Reads the header field; AWS's model has `COMPLETE` as well.
    public init?(header: String?) {
      guard let header else { return nil }
      self.init(rawValue: header == "COMPLETE" ? "COMPLETED" : header)
    }
  }

  /// Whether there is such an object.
  public let exists: Bool
  /// Whether a delete marker hides it, or it is one itself.
  public let isDeleted: Bool
  /// The size in bytes.
  public let size: Int64
  /// When it was last changed.
  public let modified: Timestamp?
  /// The status of its replication; nil when S3 shows none.
  public let status: Status?
  /// How it is encrypted: `AES256`, `aws:kms`.
  public let encryption: String?
  /// A checksum of the whole content: algorithm and value.
  public let checksum: String?

  /// Creates a head.
  public init(
    exists: Bool, isDeleted: Bool = false, size: Int64 = 0, modified: Timestamp? = nil,
    status: Status? = nil, encryption: String? = nil, checksum: String? = nil
  ) {
    self.exists = exists
    self.isDeleted = isDeleted
    self.size = size
    self.modified = modified
    self.status = status
    self.encryption = encryption
    self.checksum = checksum
  }
}

/// Looks single objects up.
public protocol ObjectExaminer: Sendable {
  /// What the source says of an object.
  func source(_ key: [UInt8], version: String) async throws -> ObjectHead
  /// What the replica says of it.
  func replica(_ key: [UInt8], version: String) async throws -> ObjectHead
}

/// Says what a difference is once both sides were asked about the object itself. Pure.
public struct Examination: Sendable {
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

  /// What the difference is; nil when it is gone.
  public func refine(
    _ judged: JudgedDifference, source: ObjectHead, replica: ObjectHead
  ) -> JudgedDifference? {
    let said = { (kind: DifferenceKind, reason: String) in
      JudgedDifference(judged.difference, kind, reason)
    }
    if judged.kind == .extra { return refineExtra(judged, source) }
    guard source.exists else { return nil }
    // Of a delete marker S3 shows nothing more.
    if source.isDeleted { return judged }
    if replica.exists, source.size == replica.size, let sum = source.checksum,
      sum == replica.checksum
    {
      return nil
    }
    if let modified = source.modified, let listed = judged.difference.source?.modified,
      modified > listed
    {
      return said(.inFlight, "changed since it was listed")
    }
    switch source.status {
    case .failed: return said(.failed, "its replication failed, and is not tried again")
    case .pending: return said(judged.kind, "\(judged.reason); its replication is pending")
    case .completed: return said(judged.kind, "\(judged.reason), although it was replicated")
    case .replica: return said(.neverEligible, "itself a replica, which is not replicated again")
    case nil where showsStatus: return said(.neverEligible, whyNot(source, judged))
    case nil: return judged
    }
  }

  private func refineExtra(
    _ judged: JudgedDifference, _ source: ObjectHead
  ) -> JudgedDifference? {
    let said = { (kind: DifferenceKind, reason: String) in
      JudgedDifference(judged.difference, kind, reason)
    }
    if source.exists { return said(.inFlight, "made since it was listed") }
    guard source.isDeleted else {
      return said(
        .neverEligible, "deleted by version, which is never replicated, or never at the source")
    }
    let replicates: Bool
    switch judge.rules?.coverage(of: judged.difference.key) {
    case .covered(let rule): replicates = rule.replicatesDeleteMarkers
    // With a filter on tags delete markers are never replicated.
    case .dependsOnTags, .uncovered: replicates = false
    case nil: replicates = true
    }
    guard replicates else {
      return said(.neverEligible, "deleted at the source; delete markers are not replicated")
    }
    if let modified = source.modified, judge.listedAt - modified <= judge.maximumLag {
      return said(.inFlight, "deleted within the allowed lag")
    }
    return said(.extra, "deleted at the source, and the replica still has it")
  }

  private func whyNot(_ source: ObjectHead, _ judged: JudgedDifference) -> String {
    if let encryption = source.encryption, encryption.hasPrefix("aws:kms"),
      case .covered(let rule) = judge.rules?.coverage(of: judged.difference.key),
      !rule.replicatesKMS
    {
      return "encrypted with KMS, which no rule opts in to"
    }
    return "S3 shows no replication status: older than the rule, or not covered by it"
  }
}
