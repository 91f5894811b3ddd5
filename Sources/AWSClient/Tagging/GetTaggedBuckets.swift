import Platform
public import StrictJSON

/// `tag:GetResources` for a page of the buckets of a region that have a tag with a value (Resource Groups
/// Tagging API Reference, "GetResources").
public struct GetTaggedBuckets: JSONRequest {
  public static let service = AWSService.tagging
  public static let action = "GetResources"
  public static let effect = RequestEffect.reads
  private let tag: String
  private let value: String
  private let marker: String?

  /// A bucket and its tags.
  public struct Bucket: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The ARN.
    public let arn: String
    /// All of its tags.
    public let tags: [String: String]

    /// Names a bucket.
    public init(name: String, arn: String, tags: [String: String]) {
      self.name = name
      self.arn = arn
      self.tags = tags
    }
  }

  /// One page of buckets.
  public struct Page: Sendable {
    /// The buckets, in no promised order.
    public let buckets: [Bucket]
    /// What to ask for the next page with; nil on the last one.
    public let marker: String?
  }

  /// Asks for a page, from `marker` on.
  public init(tag: String, value: String, from marker: String?) {
    self.tag = tag
    self.value = value
    self.marker = marker
  }

  public var input: JSONObject {
    var input: JSONObject = [
      "ResourceTypeFilters": ["s3"],
      "TagFilters": [["Key": .string(tag), "Values": [.string(value)]]],
    ]
    if let marker { input["PaginationToken"] = .string(marker) }
    return input
  }

  public static func answer(from result: JSONValue) throws -> Page {
    let marker = result.string("PaginationToken") ?? ""
    return Page(
      buckets: try (result["ResourceTagMappingList"]?.arrayValue ?? []).compactMap(bucket),
      marker: marker.isEmpty ? nil : marker)
  }

  /// Nil for other things of S3, whose ARNs have a region.
  private static func bucket(_ entry: JSONValue) throws -> Bucket? {
    let arn = try entry.required("ResourceARN", of: action)
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[3].isEmpty, !parts[5].contains("/") else { return nil }
    let tags = (entry["Tags"]?.arrayValue ?? []).reduce(into: [String: String]()) { tags, tag in
      tags[tag.string("Key") ?? ""] = tag.string("Value") ?? ""
    }
    return Bucket(name: String(parts[5]), arn: arn, tags: tags)
  }
}
