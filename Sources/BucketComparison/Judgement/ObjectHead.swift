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
  /// Why S3 does not show it; nil when it does. Then nothing else is known of it.
  public private(set) var refusal: String?
  /// The size in bytes.
  public let size: Int64
  /// The ETag without quotes; empty when it was not told.
  public var etag: String
  /// When it was last changed.
  public let modified: Timestamp?
  /// The status of its replication; nil when S3 shows none.
  public let status: Status?
  /// How it is encrypted: `AES256`, `aws:kms`.
  public let encryption: String?
  /// A checksum of the whole content: algorithm and value.
  public let checksum: String?
  /// The storage class; empty for the standard one.
  public var storageClass = ""
  /// `x-amz-restore`: whether an archived object is being restored, or can be read for some days.
  public var restoration: String?

  /// Creates a head.
  public init(
    exists: Bool, isDeleted: Bool = false, size: Int64 = 0, etag: String = "",
    modified: Timestamp? = nil, status: Status? = nil, encryption: String? = nil,
    checksum: String? = nil
  ) {
    self.exists = exists
    self.isDeleted = isDeleted
    self.size = size
    self.etag = etag
    self.modified = modified
    self.status = status
    self.encryption = encryption
    self.checksum = checksum
  }

  /// An object that S3 does not show.
  public static func refused(_ reason: String) -> ObjectHead {
    var head = ObjectHead(exists: true)
    head.refusal = reason
    return head
  }

  /// Whether its content can be read now: archived objects only once they are restored.
  var isReadable: Bool {
    guard StorageClasses.archived.contains(storageClass) else { return true }
    return restoration?.contains("ongoing-request=\"false\"") ?? false
  }

  /// Whether its ETag says nothing of its content (API Reference, "Object", ETag).
  var hasOpaqueETag: Bool {
    etag.isEmpty || etag.contains("-") || encryption?.hasPrefix("aws:kms") ?? false
  }
}

/// Looks single objects up.
public protocol ObjectExaminer: Sendable {
  /// What the source says of an object.
  func source(_ key: [UInt8], version: String) async throws -> ObjectHead
  /// What the replica says of it.
  func replica(_ key: [UInt8], version: String) async throws -> ObjectHead
}
