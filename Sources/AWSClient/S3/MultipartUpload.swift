import Platform

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
  public static let takesLong = true
  private let source: CopySource
  private let range: Range<Int64>
  public let object: S3ObjectName
  private let upload: String
  private let part: Int

  /// Creates the request; parts are numbered from 1.
  public init(
    _ source: CopySource, range: Range<Int64>, to bucket: String, key: String, upload: String,
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

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    source.object.copyPermissions
  }

  public var input: RESTInput {
    var input = object.input("PUT")
    input.setQuery("PartNumber", String(part), wire: "partNumber")
    input.setQuery("UploadId", upload, wire: "uploadId")
    source.apply(to: &input)
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
  public static let takesLong = true
  public let object: S3ObjectName
  private let upload: String
  private let parts: [String]
  private let condition: WriteCondition

  /// Creates the request.
  ///
  /// - Parameter parts: the ETags of the parts, in order.
  public init(
    bucket: String, key: String, upload: String, parts: [String],
    onto condition: WriteCondition = .none
  ) {
    object = S3ObjectName(bucket: bucket, key: key)
    self.upload = upload
    self.parts = parts
    self.condition = condition
  }

  public var input: RESTInput {
    var input = object.input("POST")
    input.setQuery("UploadId", upload, wire: "uploadId")
    condition.apply(to: &input)
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

/// A part of an upload.
public struct UploadedPart: Sendable, Equatable {
  /// Its number, from 1.
  public let number: Int
  /// Its ETag, as S3 wants it back.
  public let etag: String
  /// Its size in bytes.
  public let size: Int64
}

/// `s3:ListParts`: what an upload has so far; `NoSuchUpload` when it was put together or given up.
public struct ListParts: S3ObjectRequest {
  public static let action = "ListParts"
  public static let iamAction = "s3:ListMultipartUploadParts"
  public static let effect = RequestEffect.reads
  public let object: S3ObjectName
  private let upload: String
  private let marker: Int

  /// Creates the request, for the parts behind a number.
  public init(bucket: String, key: String, upload: String, after marker: Int = 0) {
    object = S3ObjectName(bucket: bucket, key: key)
    self.upload = upload
    self.marker = marker
  }

  public var input: RESTInput {
    var input = object.input("GET")
    input.setQuery("UploadId", upload, wire: "uploadId")
    if marker > 0 {
      input.setQuery("PartNumberMarker", String(marker), wire: "part-number-marker")
    }
    return input
  }

  /// A page of parts, and whether there are more behind it.
  public static func answer(
    from answer: RESTAnswer
  ) throws -> (parts: [UploadedPart], hasMore: Bool) {
    let root = try answer.xml()
    let parts = try root.children.filter { $0.name == "Part" }.map { part in
      UploadedPart(
        number: Int(try part.required("PartNumber", of: action)) ?? 0,
        etag: try part.required("ETag", of: action),
        size: Int64(try part.required("Size", of: action)) ?? -1)
    }
    return (parts, root.flag("IsTruncated") == true)
  }
}
