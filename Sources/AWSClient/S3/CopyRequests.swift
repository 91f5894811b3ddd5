/// `s3:CopyObject`: content, metadata and tags, within S3. The same call again makes the same object.
public struct CopyObject: S3ObjectRequest {
  public static let action = "CopyObject"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.creates
  public static let keyActions = ["kms:GenerateDataKey"]
  /// The largest object that is copied by one call, in bytes (API Reference, "CopyObject").
  public static let maximumSize: Int64 = 5 << 30
  private let source: S3ObjectName
  public let object: S3ObjectName

  /// Creates the request; the source has at most ``maximumSize`` bytes.
  public init(_ source: S3ObjectName, to bucket: String, key: String) {
    self.source = source
    object = S3ObjectName(bucket: bucket, key: key)
  }

  /// A copy of the same version to the same key is the same copy.
  public var idempotencyToken: String? { source.copySource }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    source.copyPermissions + [IAMPermission("s3:PutObjectTagging", resources)]
  }

  public var input: RESTInput {
    var input = object.input("PUT")
    input.setEncodedHeader("CopySource", source.copySource, wire: "x-amz-copy-source")
    return input
  }

  /// The ETag of the copy, without quotes.
  public static func answer(from answer: RESTAnswer) throws -> String {
    try answer.xml().required("ETag", of: action).filter { $0 != "\"" }
  }
}

/// `s3:CreateMultipartUpload`: begins a copy of an object too large for one call. Unlike
/// ``CopyObject``, S3 takes nothing but content from the original by itself.
public struct CreateMultipartUpload: S3ObjectRequest {
  public static let action = "CreateMultipartUpload"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.creates
  public static let keyActions = ["kms:GenerateDataKey"]
  public let object: S3ObjectName
  private let metadata: [String: String]
  private let tags: [String: String]

  /// Creates the request.
  ///
  /// - Parameter metadata: what is stored with the object, as ``S3ObjectHead/metadata`` has it.
  public init(
    bucket: String, key: String, metadata: [String: String] = [:], tags: [String: String] = [:]
  ) {
    object = S3ObjectName(bucket: bucket, key: key)
    self.metadata = metadata
    self.tags = tags
  }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    [IAMPermission("s3:PutObjectTagging", resources)]
  }

  public var input: RESTInput {
    var input = object.input("POST")
    input.setMarker("uploads")
    input.setMetadata(metadata)
    input.setTagging(tags)
    return input
  }

  /// The upload's identifier.
  public static func answer(from answer: RESTAnswer) throws -> String {
    try answer.xml().required("UploadId", of: action)
  }
}

/// `s3:UploadPartCopy`: a part of an upload, from a range of another object.
public struct UploadPartCopy: S3ObjectRequest {
  public static let action = "UploadPartCopy"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.changes
  /// Parts are read again when they are put together.
  public static let keyActions = ["kms:Decrypt", "kms:GenerateDataKey"]
  private let source: S3ObjectName
  private let range: Range<Int64>
  public let object: S3ObjectName
  private let upload: String
  private let part: Int

  /// Creates the request; parts are numbered from 1.
  public init(
    _ source: S3ObjectName, range: Range<Int64>, to bucket: String, key: String, upload: String,
    part: Int
  ) {
    self.source = source
    self.range = range
    object = S3ObjectName(bucket: bucket, key: key)
    self.upload = upload
    self.part = part
  }

  /// The same part again takes the place of the first.
  public var idempotencyToken: String? { "\(upload)/\(part)" }

  public func relatedPermissions(in region: String) -> [IAMPermission] { source.copyPermissions }

  public var input: RESTInput {
    var input = object.input("PUT")
    input.setQuery("PartNumber", String(part), wire: "partNumber")
    input.setQuery("UploadId", upload, wire: "uploadId")
    input.setEncodedHeader("CopySource", source.copySource, wire: "x-amz-copy-source")
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
public struct CompleteMultipartUpload: S3ObjectRequest {
  public static let action = "CompleteMultipartUpload"
  public static let iamAction = "s3:PutObject"
  public static let effect = RequestEffect.creates
  public static let keyActions = ["kms:Decrypt", "kms:GenerateDataKey"]
  public let object: S3ObjectName
  private let upload: String
  private let parts: [String]

  /// Creates the request.
  ///
  /// - Parameter parts: the ETags of the parts, in order.
  public init(bucket: String, key: String, upload: String, parts: [String]) {
    object = S3ObjectName(bucket: bucket, key: key)
    self.upload = upload
    self.parts = parts
  }

  public var input: RESTInput {
    var input = object.input("POST")
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
public struct AbortMultipartUpload: S3ObjectRequest {
  public static let action = "AbortMultipartUpload"
  public static let effect = RequestEffect.deletes
  public let object: S3ObjectName
  private let upload: String

  /// Creates the request.
  public init(bucket: String, key: String, upload: String) {
    object = S3ObjectName(bucket: bucket, key: key)
    self.upload = upload
  }

  public var input: RESTInput {
    var input = object.input("DELETE")
    input.setQuery("UploadId", upload, wire: "uploadId")
    return input
  }

  /// Nothing is said.
  public static func answer(from answer: RESTAnswer) throws {}
}
