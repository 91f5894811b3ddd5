/// Where a copy comes from.
public struct CopySource: Sendable, Equatable {
  /// The largest object that is copied by one call (API Reference, "CopyObject").
  public static let maximumSize: Int64 = 5 << 30

  /// The bucket.
  public let bucket: String
  /// The key.
  public let key: String
  /// The version; nil for the current one.
  public let version: String?

  /// Creates a source.
  public init(bucket: String, key: String, version: String? = nil) {
    self.bucket = bucket
    self.key = key
    self.version = version
  }

  var header: String {
    let path = "\(bucket)/\(PercentEncoding.encode(key, keepingSlashes: true))"
    return version.map { "\(path)?versionId=\(PercentEncoding.encode($0))" } ?? path
  }

  /// What reading it needs; with tags and other metadata.
  var permissions: [IAMPermission] {
    let object = [AWSResource.global("s3", "\(bucket)/\(key)")]
    return ["s3:GetObject", "s3:GetObjectTagging"].map { IAMPermission($0, object) }
  }
}

/// `s3:CopyObject`: content, metadata and tags, within S3. The same call again makes the same object.
public struct CopyObject: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "CopyObject"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.creates
  private let source: CopySource
  private let bucket: String
  private let key: String

  /// Creates the request; the source has at most ``CopySource/maximumSize`` bytes.
  public init(_ source: CopySource, to bucket: String, key: String) {
    self.source = source
    self.bucket = bucket
    self.key = key
  }

  /// A copy of the same version to the same key is the same copy.
  public var idempotencyToken: String? { source.header }
  public var resources: [AWSResource] { [.global("s3", "\(bucket)/\(key)")] }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    source.permissions + [IAMPermission("s3:PutObjectTagging", resources)]
  }

  public var input: RESTInput {
    var input = RESTInput("PUT", "/{Key}")
    input.setBucket(bucket)
    input.setPath("Key", key, keepingSlashes: true)
    input.setHeader("CopySource", source.header, wire: "x-amz-copy-source")
    return input
  }

  /// The ETag of the copy, without quotes.
  public static func answer(from answer: RESTAnswer) throws -> String {
    try answer.xml().required("ETag", of: action).filter { $0 != "\"" }
  }
}

/// `s3:CreateMultipartUpload`: begins a copy of an object too large for one call.
public struct CreateMultipartUpload: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "CreateMultipartUpload"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.creates
  private let bucket: String
  private let key: String

  /// Creates the request.
  public init(bucket: String, key: String) {
    self.bucket = bucket
    self.key = key
  }

  public var resources: [AWSResource] { [.global("s3", "\(bucket)/\(key)")] }

  public var input: RESTInput {
    var input = RESTInput("POST", "/{Key}")
    input.setBucket(bucket)
    input.setPath("Key", key, keepingSlashes: true)
    input.setMarker("uploads")
    return input
  }

  /// The upload's identifier.
  public static func answer(from answer: RESTAnswer) throws -> String {
    try answer.xml().required("UploadId", of: action)
  }
}

/// `s3:UploadPartCopy`: a part of an upload, from a range of another object.
public struct UploadPartCopy: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "UploadPartCopy"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.changes
  private let source: CopySource
  private let range: Range<Int64>
  private let bucket: String
  private let key: String
  private let upload: String
  private let part: Int

  /// Creates the request; parts are numbered from 1.
  public init(
    _ source: CopySource, range: Range<Int64>, to bucket: String, key: String, upload: String,
    part: Int
  ) {
    self.source = source
    self.range = range
    self.bucket = bucket
    self.key = key
    self.upload = upload
    self.part = part
  }

  /// The same part again takes the place of the first.
  public var idempotencyToken: String? { "\(upload)/\(part)" }
  public var resources: [AWSResource] { [.global("s3", "\(bucket)/\(key)")] }

  public func relatedPermissions(in region: String) -> [IAMPermission] { source.permissions }

  public var input: RESTInput {
    var input = RESTInput("PUT", "/{Key}")
    input.setBucket(bucket)
    input.setPath("Key", key, keepingSlashes: true)
    input.setQuery("PartNumber", String(part), wire: "partNumber")
    input.setQuery("UploadId", upload, wire: "uploadId")
    input.setHeader("CopySource", source.header, wire: "x-amz-copy-source")
    input.setHeader(
      "CopySourceRange", "bytes=\(range.lowerBound)-\(range.upperBound - 1)",
      wire: "x-amz-copy-source-range")
    return input
  }

  /// The ETag of the part, as S3 wants it back.
  public static func answer(from answer: RESTAnswer) throws -> String {
    try answer.xml().required("ETag", of: action)
  }
}

/// `s3:CompleteMultipartUpload`
public struct CompleteMultipartUpload: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "CompleteMultipartUpload"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.creates
  private let bucket: String
  private let key: String
  private let upload: String
  private let parts: [String]

  /// Creates the request.
  ///
  /// - Parameter parts: the ETags of the parts, in order.
  public init(bucket: String, key: String, upload: String, parts: [String]) {
    self.bucket = bucket
    self.key = key
    self.upload = upload
    self.parts = parts
  }

  public var resources: [AWSResource] { [.global("s3", "\(bucket)/\(key)")] }

  public var input: RESTInput {
    var input = RESTInput("POST", "/{Key}")
    input.setBucket(bucket)
    input.setPath("Key", key, keepingSlashes: true)
    input.setQuery("UploadId", upload, wire: "uploadId")
    let list = XMLElement(
      name: "CompleteMultipartUpload",
      children: parts.enumerated().map { index, etag in
        XMLElement(
          name: "Part",
          children: [
            XMLElement(name: "PartNumber", text: String(index + 1)),
            XMLElement(name: "ETag", text: etag),
          ])
      })
    input.setPayload(
      list.document(namespace: "http://s3.amazonaws.com/doc/2006-03-01/"), type: "application/xml",
      option: CommandOption("MultipartUpload", .text("file:///dev/stdin")))
    return input
  }

  /// The ETag of the object, without quotes.
  public static func answer(from answer: RESTAnswer) throws -> String {
    try answer.xml().required("ETag", of: action).filter { $0 != "\"" }
  }
}

/// `s3:AbortMultipartUpload`: what was uploaded so far is deleted.
public struct AbortMultipartUpload: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "AbortMultipartUpload"
  public static let effect = RequestEffect.deletes
  private let bucket: String
  private let key: String
  private let upload: String

  /// Creates the request.
  public init(bucket: String, key: String, upload: String) {
    self.bucket = bucket
    self.key = key
    self.upload = upload
  }

  public var resources: [AWSResource] { [.global("s3", "\(bucket)/\(key)")] }

  public var input: RESTInput {
    var input = RESTInput("DELETE", "/{Key}")
    input.setBucket(bucket)
    input.setPath("Key", key, keepingSlashes: true)
    input.setQuery("UploadId", upload, wire: "uploadId")
    return input
  }

  /// Nothing is said.
  public static func answer(from answer: RESTAnswer) throws {}
}
