/// `s3:CreateBucket`: a bucket that nobody else can read and that carries its tags from the beginning
/// (new buckets block public access; S3 User Guide, "Blocking public access").
public struct CreateBucket: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "CreateBucket"
  public static let effect = RequestEffect.creates
  private let bucket: String
  private let region: String
  private let tags: [String: String]

  /// Creates the request; a bucket has at most fifty tags.
  public init(bucket: String, region: String, tags: [String: String]) {
    self.bucket = bucket
    self.region = region
    self.tags = tags
  }

  public var resources: [AWSResource] { [.global("s3", bucket)] }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    [IAMPermission("s3:TagResource", resources)]
  }

  public var input: RESTInput {
    var input = RESTInput("PUT", "/")
    input.setBucket(bucket)
    // The first region is the one without a constraint (API Reference, "CreateBucket").
    let place =
      region == "us-east-1" ? [] : [XMLElement(name: "LocationConstraint", text: region)]
    let sorted = tags.sorted { $0.key < $1.key }
    let list = XMLElement(
      name: "Tags",
      children: sorted.map { key, value in
        XMLElement(
          name: "Tag",
          children: [XMLElement(name: "Key", text: key), XMLElement(name: "Value", text: value)])
      })
    let shown =
      place.map { "LocationConstraint=\($0.text)" }
      + ["Tags=[\(sorted.map { "{Key=\($0.key),Value=\($0.value)}" }.joined(separator: ","))]"]
    input.setPayload(
      XMLElement(name: "CreateBucketConfiguration", children: place + [list])
        .document(namespace: "http://s3.amazonaws.com/doc/2006-03-01/"), type: "application/xml",
      option: CommandOption("CreateBucketConfiguration", .text(shown.joined(separator: ","))))
    return input
  }

  /// Nothing is said.
  public static func answer(from answer: RESTAnswer) throws {}
}

/// `s3:GetBucketTagging`; `NoSuchTagSet` when there are no tags.
public struct GetBucketTagging: S3SettingRequest {
  public static let action = "GetBucketTagging"
  public static let setting = "tagging"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  public static func answer(from answer: RESTAnswer) throws -> [String: String] {
    try answer.xml().list("TagSet").reduce(into: [:]) { tags, tag in
      tags[tag.string("Key") ?? ""] = tag.string("Value") ?? ""
    }
  }
}

/// `s3:DeleteBucket`; `BucketNotEmpty` when there is anything in it.
public struct DeleteBucket: RESTXMLRequest {
  public static let service = AWSService.s3
  public static let action = "DeleteBucket"
  public static let effect = RequestEffect.deletes
  private let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  public var resources: [AWSResource] { [.global("s3", bucket)] }

  public var input: RESTInput {
    var input = RESTInput("DELETE", "/")
    input.setBucket(bucket)
    return input
  }

  /// Nothing is said.
  public static func answer(from answer: RESTAnswer) throws {}
}
