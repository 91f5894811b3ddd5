import AWSClient

/// What an inventory report says of an object beside what a listing does, in a byte: the optional columns
/// `ReplicationStatus` and `EncryptionStatus` (S3 User Guide, "Amazon S3 Inventory list").
struct ReportedState: Sendable, Equatable {
  /// Whether the ETag is an MD5 sum.
  enum Encryption: UInt8 {
    /// There is no such column.
    case unknown
    /// `SSE-S3` or `NOT-SSE`.
    case plain
    /// `SSE-KMS` or `DSSE-KMS`.
    case kms
    /// `SSE-C`.
    case customer
  }

  /// Whether S3 replicates the object.
  enum Replication: UInt8 {
    /// There is no such column.
    case unknown
    /// The column is empty: no rule was there for it when it was written.
    case none
    case pending
    case completed
    case failed
    case replica
  }

  let byte: UInt8

  /// Nothing is said.
  init() { byte = 0 }

  /// As it was kept.
  init(byte: UInt8) { self.byte = byte }

  /// Reads the columns; nil for one that the report has not.
  init(replication: String?, encryption: String?) {
    byte = Self.read(replication).rawValue | Self.read(encryption: encryption).rawValue << 4
  }

  var replication: Replication { Replication(rawValue: byte & 0xF) ?? .unknown }
  var encryption: Encryption { Encryption(rawValue: byte >> 4) ?? .unknown }

  private static func read(_ replication: String?) -> Replication {
    guard let replication else { return .unknown }
    switch ObjectHead.Status(header: replication) {
    case .pending: return .pending
    case .completed: return .completed
    case .failed: return .failed
    case .replica: return .replica
    case nil: return replication.isEmpty ? .none : .unknown
    }
  }

  private static func read(encryption: String?) -> Encryption {
    switch encryption {
    case "SSE-S3", "NOT-SSE": .plain
    case "SSE-KMS", "DSSE-KMS": .kms
    case "SSE-C": .customer
    default: .unknown
    }
  }
}

extension Judge {
  /// What a difference is by what the report says of the object at the source.
  func refine(byReport judged: JudgedDifference) -> JudgedDifference {
    let isArchived = isExcusedByArchive(judged)
    guard purpose == .replication, judged.kind != .neverEligible || isArchived,
      let source = judged.difference.source
    else { return judged }
    if isArchived, [.unknown, .none].contains(source.told.replication) { return judged }
    let judged = isArchived ? withoutExcuse(judged) : judged
    switch source.told.replication {
    case .failed: return judged.asReplicated(.failed)
    case .replica: return judged.asReplicated(.replica)
    case .unknown: return judged
    case _ where judged.kind == .inFlight: return judged
    case .pending: return judged.asReplicated(.pending)
    case .completed: return judged.asReplicated(.completed)
    case .none:
      return JudgedDifference(
        judged.difference, .neverEligible,
        whyNoStatus(of: judged.difference.key, isKMS: source.told.encryption == .kms))
    }
  }

  /// Why S3 shows no replication status of an object.
  func whyNoStatus(of key: [UInt8], isKMS: Bool) -> String {
    if isKMS, case .covered(let rule) = rules?.coverage(of: key), !rule.replicatesKMS {
      return "encrypted with KMS, which no rule opts in to"
    }
    return "S3 shows no replication status: older than the rule, or not covered by it"
  }
}
