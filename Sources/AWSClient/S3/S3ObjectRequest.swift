import Platform

/// An object of a bucket, or one version of it.
public struct S3ObjectName: Sendable, Equatable {
  /// The bucket.
  public let bucket: String
  /// The key.
  public let key: String
  /// The version; nil for the current one.
  public let version: String?

  /// Creates a name.
  public init(bucket: String, key: String, version: String? = nil) {
    self.bucket = bucket
    self.key = key
    self.version = version
  }

  var resources: [AWSResource] { [.global("s3", "\(bucket)/\(key)")] }

  /// Where every call about it begins.
  func input(_ method: String) -> RESTInput {
    var input = RESTInput(method, "/{Key}")
    input.setBucket(bucket)
    input.setPath("Key", key, keepingSlashes: true)
    input.setQuery("VersionId", version, wire: "versionId")
    return input
  }

  /// As `x-amz-copy-source` has it.
  var copySource: String {
    let path = "\(bucket)/\(PercentEncoding.encode(key, keepingSlashes: true))"
    return version.map { "\(path)?versionId=\(PercentEncoding.encode($0))" } ?? path
  }

  /// What copying from it needs; with tags and other metadata.
  var copyPermissions: [IAMPermission] {
    let versioned = version == nil ? [] : ["s3:GetObjectVersion", "s3:GetObjectVersionTagging"]
    return (["s3:GetObject", "s3:GetObjectTagging"] + versioned).map {
      IAMPermission($0, resources)
    }
  }
}

/// A call of S3 about one object.
public protocol S3ObjectRequest: RESTXMLRequest {
  /// The object.
  var object: S3ObjectName { get }
  /// What S3 asks KMS for in the caller's name when the object is encrypted with a key: the actions
  /// (S3 User Guide, "Using server-side encryption with AWS KMS keys").
  static var keyActions: [String] { get }
}

extension S3ObjectRequest {
  public static var service: AWSService { .s3 }
  public static var keyActions: [String] { [] }
  public var resources: [AWSResource] { object.resources }
}
