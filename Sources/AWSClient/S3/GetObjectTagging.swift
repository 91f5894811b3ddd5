/// `s3:GetObjectTagging`: an object's tags.
public struct GetObjectTagging: S3ObjectRequest {
  public static let action = "GetObjectTagging"
  public static let effect = RequestEffect.reads
  public let object: S3ObjectName

  /// Creates the request, for the current version unless another is named.
  public init(_ object: S3ObjectName) { self.object = object }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    object.version == nil ? [] : [IAMPermission("s3:GetObjectVersionTagging", resources)]
  }

  public var input: RESTInput {
    var input = object.input("GET")
    input.setMarker("tagging")
    return input
  }

  public static func answer(from answer: RESTAnswer) throws -> [String: String] {
    try answer.xml().list("TagSet").reduce(into: [:]) { tags, tag in
      tags[tag.string("Key") ?? ""] = tag.string("Value") ?? ""
    }
  }
}
