/// What may stand where an object is written, so that nothing is overwritten that nobody has looked at (S3
/// User Guide, "How to prevent object overwrites with conditional writes").
public enum WriteCondition: Sendable, Codable, Equatable {
  /// Anything.
  case none
  /// No object.
  case absent
  /// The object with this ETag.
  case replacing(String)

  /// What S3 answers when something else stands there, or the source is not what was named.
  public static let failure = "PreconditionFailed"
  /// What S3 answers when something else is just being written there.
  public static let conflict = "ConditionalRequestConflict"

  func apply(to input: inout RESTInput) {
    switch self {
    case .none: break
    case .absent: input.setHeader("IfNoneMatch", "*", wire: "If-None-Match")
    case .replacing(let etag): input.setHeader("IfMatch", etag.quoted, wire: "If-Match")
    }
  }
}

/// What is copied: an object or a version of it, held to its content.
public struct CopySource: Sendable, Equatable {
  /// The object.
  public let object: S3ObjectName
  /// The ETag that it must have still; nil for any.
  public let etag: String?

  /// Creates a source.
  public init(_ object: S3ObjectName, etag: String? = nil) {
    self.object = object
    self.etag = etag
  }

  func apply(to input: inout RESTInput) {
    input.setEncodedHeader("CopySource", object.copySource, wire: "x-amz-copy-source")
    input.setHeader("CopySourceIfMatch", etag?.quoted, wire: "x-amz-copy-source-if-match")
  }
}

extension String {
  /// As header fields have an ETag.
  fileprivate var quoted: String { "\"\(self)\"" }
}

/// `s3:CopyObject`: content, metadata and tags, within S3. The same call again makes the same object.
public struct CopyObject: S3ObjectRequest {
  public static let action = "CopyObject"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.creates
  public static let keyActions = ["kms:GenerateDataKey"]
  public static let takesLong = true
  /// The largest object that is copied by one call, in bytes (API Reference, "CopyObject").
  public static let maximumSize: Int64 = 5 << 30
  private let source: CopySource
  public let object: S3ObjectName
  private let condition: WriteCondition

  /// Creates the request; the source has at most ``maximumSize`` bytes.
  public init(
    _ source: CopySource, to bucket: String, key: String, onto condition: WriteCondition = .none
  ) {
    self.source = source
    object = S3ObjectName(bucket: bucket, key: key)
    self.condition = condition
  }

  /// A copy of the same version to the same key is the same copy.
  public var idempotencyToken: String? { source.object.copySource }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    source.object.copyPermissions + [IAMPermission("s3:PutObjectTagging", resources)]
  }

  public var input: RESTInput {
    var input = object.input("PUT")
    source.apply(to: &input)
    condition.apply(to: &input)
    return input
  }

  /// The ETag of the copy, without quotes.
  public static func answer(from answer: RESTAnswer) throws -> String {
    try answer.xml().required("ETag", of: action).filter { $0 != "\"" }
  }
}
