import HTTPClient

/// A call of S3 that reads one setting of a bucket: `GET /?versioning`.
public protocol S3SettingRequest: RESTXMLRequest {
  /// The name of the setting in the query.
  static var setting: String { get }
  /// The code of S3's refusal when the bucket has no such setting; nil when it always has one.
  static var absence: String? { get }
  /// The bucket.
  var bucket: String { get }
}

extension S3SettingRequest {
  public static var absence: String? { nil }
  public static var service: AWSService { .s3 }
  public static var effect: RequestEffect { .reads }
  public var resources: [AWSResource] { [.global("s3", bucket)] }

  public var input: RESTInput {
    var input = RESTInput("GET", "/")
    input.setBucket(bucket)
    input.setMarker(Self.setting)
    return input
  }
}

/// `s3:GetBucketVersioning`
public struct GetBucketVersioning: S3SettingRequest {
  public static let action = "GetBucketVersioning"
  public static let setting = "versioning"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  /// `Enabled` or `Suspended`; nil when it was never switched on.
  public static func answer(from answer: RESTAnswer) throws -> String? {
    try answer.xml().string("Status")
  }
}

/// How new objects are encrypted unless a request says otherwise.
public struct BucketEncryption: Sendable, Equatable {
  /// `AES256`, `aws:kms` or `aws:kms:dsse`.
  public let algorithm: String
  /// The KMS key; nil for S3's own keys, and for the key that AWS manages.
  public let key: String?
  /// Whether S3 asks KMS for a key of the bucket's own, in place of one for each object.
  public let hasBucketKey: Bool
}

/// `s3:GetBucketEncryption`.
public struct GetBucketEncryption: S3SettingRequest {
  public static let action = "GetBucketEncryption"
  public static let iamAction = "s3:GetEncryptionConfiguration"
  public static let setting = "encryption"
  public static let absence: String? = "ServerSideEncryptionConfigurationNotFoundError"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  public static func answer(from answer: RESTAnswer) throws -> BucketEncryption? {
    let rule = try answer.xml().child("Rule")
    let byDefault = rule?.child("ApplyServerSideEncryptionByDefault")
    guard let byDefault, let algorithm = byDefault.string("SSEAlgorithm") else { return nil }
    return BucketEncryption(
      algorithm: algorithm, key: byDefault.string("KMSMasterKeyID"),
      hasBucketKey: rule?.flag("BucketKeyEnabled") == true)
  }
}

/// `s3:GetPublicAccessBlock`.
public struct GetPublicAccessBlock: S3SettingRequest {
  public static let action = "GetPublicAccessBlock"
  public static let iamAction = "s3:GetBucketPublicAccessBlock"
  public static let setting = "publicAccessBlock"
  public static let absence: String? = "NoSuchPublicAccessBlockConfiguration"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  /// Whether all four kinds of public access are blocked.
  public static func answer(from answer: RESTAnswer) throws -> Bool {
    let block = try answer.xml()
    return ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
      .allSatisfy { block.flag($0) == true }
  }
}

/// `s3:GetBucketOwnershipControls`.
public struct GetBucketOwnershipControls: S3SettingRequest {
  public static let action = "GetBucketOwnershipControls"
  public static let setting = "ownershipControls"
  public static let absence: String? = "OwnershipControlsNotFoundError"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`.
  public static func answer(from answer: RESTAnswer) throws -> String? {
    try answer.xml().child("Rule")?.string("ObjectOwnership")
  }
}

/// `s3:GetObjectLockConfiguration`.
public struct GetObjectLockConfiguration: S3SettingRequest {
  public static let action = "GetObjectLockConfiguration"
  public static let iamAction = "s3:GetBucketObjectLockConfiguration"
  public static let setting = "object-lock"
  public static let absence: String? = "ObjectLockConfigurationNotFoundError"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  /// Whether objects can be locked, and for how long they are when nobody says otherwise.
  public static func answer(from answer: RESTAnswer) throws -> ObjectLock {
    let configuration = try answer.xml()
    let retention = configuration.child("Rule")?.child("DefaultRetention")
    let period = ["Days", "Years"].compactMap { unit in
      retention?.string(unit).map { "\($0) \(unit.lowercased())" }
    }.first
    return ObjectLock(
      isEnabled: configuration.string("ObjectLockEnabled") == "Enabled",
      defaultRetention: period.map { "\($0) (\(retention?.string("Mode") ?? "?"))" })
  }
}

/// How a bucket locks its objects.
public struct ObjectLock: Sendable, Equatable {
  /// Whether objects can be locked.
  public let isEnabled: Bool
  /// For how long each new object is locked: `30 days (COMPLIANCE)`; nil when it is not.
  public let defaultRetention: String?
}

/// `s3:HeadBucket`: where the bucket is.
public struct HeadBucket: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "HeadBucket"
  public static let iamAction = "s3:ListBucket"
  public static let effect = RequestEffect.reads
  private let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  public var resources: [AWSResource] { [.global("s3", bucket)] }

  public var input: RESTInput {
    var input = RESTInput("HEAD", "/")
    input.setBucket(bucket)
    return input
  }

  /// The region; nil when the service does not say.
  public static func answer(from answer: RESTAnswer) throws -> String? {
    answer.headers.value(of: "x-amz-bucket-region")
  }
}
