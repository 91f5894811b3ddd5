import HTTPClient
public import Platform

/// What S3 says of an object without giving it.
public struct S3ObjectHead: Sendable, Equatable {
  /// The size in bytes.
  public let size: Int64
  /// The ETag without quotes.
  public let etag: String
  /// When it was last changed; precise to a second.
  public let modified: Timestamp?
  /// The version; nil without versioning.
  public let version: String?
  /// `x-amz-replication-status`; nil when S3 shows none.
  public let replicationStatus: String?
  /// How it is encrypted.
  public let encryption: String?
  /// A checksum of the whole content, as `crc64nvme:…`; nil when there is none.
  public let checksum: String?
  /// The storage class; nil for the standard one.
  public let storageClass: String?
  /// `x-amz-restore`: whether an archived object is being restored, or can be read for some days.
  public let restoration: String?
  /// The header fields that were stored with it, by their lower-case names: `content-type`, `x-amz-meta-…`.
  public let metadata: [String: String]

  private static let storedFields: Set<String> = [
    "cache-control", "content-disposition", "content-encoding", "content-language",
    "content-type", "expires",
  ]

  init(_ answer: RESTAnswer) {
    let field = { (name: String) in answer.headers.value(of: name) }
    size = field("Content-Length").flatMap { Int64($0) } ?? 0
    etag = (field("ETag") ?? "").filter { $0 != "\"" }
    modified = field("Last-Modified").flatMap(HTTPDate.read)
    version = field("x-amz-version-id")
    replicationStatus = field("x-amz-replication-status")
    encryption = field("x-amz-server-side-encryption")
    storageClass = field("x-amz-storage-class")
    restoration = field("x-amz-restore")
    metadata = answer.headers.reduce(into: [:]) { stored, header in
      let name = header.name.lowercased()
      if Self.storedFields.contains(name) || name.hasPrefix(RESTInput.metadataPrefix) {
        stored[name] = header.value
      }
    }
    // A composite one depends on how the object was cut into parts.
    let names = ["sha256", "crc64nvme", "crc32c", "crc32", "sha1"]
    checksum =
      field("x-amz-checksum-type") == "COMPOSITE"
      ? nil
      : names.lazy.compactMap { name in
        field("x-amz-checksum-\(name)").flatMap { $0.contains("-") ? nil : "\(name):\($0)" }
      }.first
  }
}

/// `s3:HeadObject`; `NotFound` when it is not there.
public struct HeadObject: S3ObjectRequest {
  public static let action = "HeadObject"
  public static let iamAction = "s3:GetObject"
  public static let effect = RequestEffect.reads
  /// The checksum is under the key too (API Reference, "HeadObject").
  public static let keyActions = ["kms:Decrypt"]
  public let object: S3ObjectName

  /// Creates the request, for the current version unless another is named.
  public init(bucket: String, key: String, version: String? = nil) {
    object = S3ObjectName(bucket: bucket, key: key, version: version)
  }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    object.version == nil ? [] : [IAMPermission("s3:GetObjectVersion", resources)]
  }

  public var input: RESTInput {
    var input = object.input("HEAD")
    input.setHeader("ChecksumMode", "ENABLED", wire: "x-amz-checksum-mode")
    return input
  }

  public static func answer(from answer: RESTAnswer) throws -> S3ObjectHead { S3ObjectHead(answer) }
}

/// A small object, whole.
public struct S3SmallObject: Sendable, Equatable {
  /// The content.
  public let content: [UInt8]
  /// What S3 says of it.
  public let head: S3ObjectHead
}

/// `s3:GetObject` of a small object, whole; `NoSuchKey` when it is not there.
public struct GetSmallObject: S3ObjectRequest {
  public static let action = "GetObject"
  public static let effect = RequestEffect.reads
  public static let keyActions = ["kms:Decrypt"]
  public let object: S3ObjectName
  private let limit: Int

  /// Creates the request.
  ///
  /// - Parameter limit: the largest content that is taken, in bytes.
  public init(bucket: String, key: String, limit: Int = 1 << 20) {
    object = S3ObjectName(bucket: bucket, key: key)
    self.limit = limit
  }

  public var input: RESTInput {
    var input = object.input("GET")
    input.maximumAnswerSize = limit
    input.setOperand("/dev/stdout")
    return input
  }

  public static func answer(from answer: RESTAnswer) throws -> S3SmallObject {
    S3SmallObject(content: answer.body, head: S3ObjectHead(answer))
  }
}

/// `s3:PutObject` of a small object.
public struct PutSmallObject: S3ObjectRequest {
  public static let action = "PutObject"
  public static let effect = RequestEffect.creates
  public static let keyActions = ["kms:GenerateDataKey"]
  public let object: S3ObjectName
  private let content: [UInt8]
  private let tags: [String: String]

  /// Creates the request.
  public init(bucket: String, key: String, content: [UInt8], tags: [String: String]) {
    object = S3ObjectName(bucket: bucket, key: key)
    self.content = content
    self.tags = tags
  }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    tags.isEmpty ? [] : [IAMPermission("s3:PutObjectTagging", resources)]
  }

  public var input: RESTInput {
    var input = object.input("PUT")
    input.setTagging(tags)
    input.setPayload(
      content, type: "text/plain", option: CommandOption("Body", .text("/dev/stdin")))
    return input
  }

  /// The version; nil without versioning.
  public static func answer(from answer: RESTAnswer) throws -> String? {
    answer.headers.value(of: "x-amz-version-id")
  }
}

/// `s3:DeleteObject`: one version for good, or with a marker on top. What is not there counts as
/// deleted.
public struct DeleteObject: S3ObjectRequest {
  public static let action = "DeleteObject"
  public static let effect = RequestEffect.deletes
  public let object: S3ObjectName

  /// Creates the request.
  public init(bucket: String, key: String, version: String? = nil) {
    object = S3ObjectName(bucket: bucket, key: key, version: version)
  }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    object.version == nil ? [] : [IAMPermission("s3:DeleteObjectVersion", resources)]
  }

  public var input: RESTInput { object.input("DELETE") }

  /// Nothing is said.
  public static func answer(from answer: RESTAnswer) throws {}
}
