public import Platform

/// A rule of a bucket's lifecycle (API Reference, "LifecycleRule"), as far as it deletes
/// and moves.
public struct LifecycleRule: Sendable, Codable, Equatable {
  /// Which objects a rule is about; all conditions have to hold.
  public struct Filter: Sendable, Codable, Equatable {
    /// What the keys begin with.
    public var prefix = ""
    /// The tags that an object must have.
    public var tags: [String: String] = [:]
    /// Only objects with more bytes.
    public var largerThan: Int64?
    /// Only objects with fewer bytes.
    public var smallerThan: Int64?

    /// Creates a filter that lets everything through.
    public init() {}

    /// Whether it takes whatever another takes.
    public func takesAll(of other: Filter) -> Bool {
      takesKeysAndTags(of: other) && largerThan ?? -1 <= other.largerThan ?? -1
        && smallerThan ?? .max >= other.smallerThan ?? .max
    }

    /// Whether it takes whatever another takes, but for objects of some sizes.
    public func takesKeysAndTags(of other: Filter) -> Bool {
      other.prefix.utf8.starts(with: prefix.utf8)
        && tags.allSatisfy { other.tags[$0.key] == $0.value }
    }
  }

  /// When current versions are deleted.
  public enum Expiration: Sendable, Codable, Equatable {
    /// So many days after they were made.
    case days(Int)
    /// From that day on.
    case date(Timestamp)
  }

  /// When older versions are deleted.
  public struct OldVersions: Sendable, Codable, Equatable {
    /// So many days after a newer one was made.
    public let days: Int
    /// How many of the newer ones among them stay all the same.
    public let kept: Int

    /// Creates the terms.
    public init(days: Int, kept: Int = 0) {
      self.days = days
      self.kept = kept
    }
  }

  /// When current versions go to another storage class.
  public struct Transition: Sendable, Codable, Equatable {
    /// The storage class.
    public let storageClass: String
    /// When.
    public let time: Expiration
  }

  /// The identifier.
  public var id = ""
  /// Whether it is switched on.
  public var isEnabled = true
  /// Which objects it is about.
  public var filter = Filter()
  /// When current versions are deleted; nil for never.
  public var expiration: Expiration?
  /// When older versions are deleted; nil for never.
  public var oldVersions: OldVersions?

  /// When current versions go to other storage classes; nil in an older run.
  public var transitions: [Transition]?

  /// Creates a rule that deletes nothing.
  public init() {}

  init(_ element: XMLElement) {
    id = element.string("ID") ?? ""
    isEnabled = element.string("Status") == "Enabled"
    let own = element.child("Filter")
    // A single condition stands alone, several in `And`; the first version of rules has but a prefix.
    let conditions = own?.child("And") ?? own
    filter.prefix = conditions?.string("Prefix") ?? element.string("Prefix") ?? ""
    for tag in conditions?.children ?? [] where tag.name == "Tag" {
      filter.tags[tag.string("Key") ?? ""] = tag.string("Value") ?? ""
    }
    filter.largerThan = conditions?.string("ObjectSizeGreaterThan").flatMap { Int64($0) }
    filter.smallerThan = conditions?.string("ObjectSizeLessThan").flatMap { Int64($0) }
    expiration = element.child("Expiration").flatMap(Self.time)
    transitions = element.children.filter { $0.name == "Transition" }.compactMap { move in
      guard let name = move.string("StorageClass"), let time = Self.time(move) else { return nil }
      return Transition(storageClass: name, time: time)
    }
    oldVersions = element.child("NoncurrentVersionExpiration").flatMap { end in
      end.integer("NoncurrentDays").map {
        OldVersions(days: $0, kept: end.integer("NewerNoncurrentVersions") ?? 0)
      }
    }
  }

  private static func time(_ element: XMLElement) -> Expiration? {
    element.integer("Days").map { .days($0) }
      ?? element.string("Date").flatMap { Timestamp($0) }.map { .date($0) }
  }
}

/// `s3:GetBucketLifecycleConfiguration`
public struct GetBucketLifecycle: S3SettingRequest {
  public static let action = "GetBucketLifecycleConfiguration"
  public static let iamAction = "s3:GetLifecycleConfiguration"
  public static let setting = "lifecycle"
  public static let absence: String? = "NoSuchLifecycleConfiguration"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  public static func answer(from answer: RESTAnswer) throws -> [LifecycleRule] {
    try answer.xml().children.filter { $0.name == "Rule" }.map { LifecycleRule($0) }
  }
}
