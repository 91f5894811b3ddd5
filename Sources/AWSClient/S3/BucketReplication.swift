/// A rule of a bucket's replication configuration (API Reference, "ReplicationRule"), as far as it
/// decides what becomes of an object.
public struct ReplicationRule: Sendable, Codable, Equatable {
  /// The identifier.
  public var id = ""
  /// Of several rules for one destination, the one with the highest number counts.
  public var priority = 0
  /// Whether it is switched on.
  public var isEnabled = true
  /// What the keys begin with.
  public var prefix = ""
  /// The tags an object must have; a listing does not show them.
  public var tags: [String: String] = [:]
  /// The bucket the replicas go to, without the ARN's head.
  public var destination = ""
  /// Whether delete markers are replicated.
  public var replicatesDeleteMarkers = false
  /// Whether objects encrypted with KMS are replicated.
  public var replicatesKMS = false
  /// The key that replicas are encrypted with.
  public var replicaKey: String?
  /// The storage class that replicas get; nil for the source's.
  public var replicaStorageClass: String?
  /// Whether replicas belong to the owner of the destination.
  public var changesOwner = false
  /// The minutes of Replication Time Control; nil without.
  public var timeControlMinutes: Int?
  /// Whether metrics are published.
  public var hasMetrics = false

  /// Creates a rule.
  public init() {}

  init(_ element: XMLElement, of action: String) throws {
    id = element.string("ID") ?? ""
    priority = element.integer("Priority") ?? 0
    isEnabled = try element.required("Status", of: action) == "Enabled"
    let filter = element.child("Filter")
    let both = filter?.child("And")
    prefix = filter?.string("Prefix") ?? both?.string("Prefix") ?? element.string("Prefix") ?? ""
    for tag in (both?.children ?? filter?.children ?? []) where tag.name == "Tag" {
      tags[tag.string("Key") ?? ""] = tag.string("Value") ?? ""
    }
    let to = element.child("Destination")
    let arn = try to?.required("Bucket", of: action) ?? ""
    destination = arn.split(separator: ":").last.map(String.init) ?? arn
    // Without a filter the rule is of the first version, which replicates what users delete.
    replicatesDeleteMarkers =
      filter == nil || element.child("DeleteMarkerReplication")?.string("Status") == "Enabled"
    replicatesKMS =
      element.descendant("SourceSelectionCriteria", "SseKmsEncryptedObjects")?.string("Status")
      == "Enabled"
    replicaKey = to?.child("EncryptionConfiguration")?.string("ReplicaKmsKeyID")
    replicaStorageClass = to?.string("StorageClass")
    changesOwner = to?.child("AccessControlTranslation") != nil
    if let control = to?.child("ReplicationTime"), control.string("Status") == "Enabled" {
      timeControlMinutes = control.child("Time")?.integer("Minutes") ?? 15
    }
    hasMetrics = to?.child("Metrics")?.string("Status") == "Enabled"
  }
}

/// A bucket's replication configuration.
public struct BucketReplication: Sendable, Equatable {
  /// The role that S3 replicates as; an ARN.
  public let role: String
  /// The rules.
  public let rules: [ReplicationRule]
}

/// `s3:GetBucketReplication`
public struct GetBucketReplication: S3SettingRequest {
  public static let action = "GetBucketReplication"
  public static let iamAction = "s3:GetReplicationConfiguration"
  public static let setting = "replication"
  public static let absence: String? = "ReplicationConfigurationNotFoundError"
  public let bucket: String

  /// Creates the request.
  public init(bucket: String) { self.bucket = bucket }

  public static func answer(from answer: RESTAnswer) throws -> BucketReplication {
    let root = try answer.xml()
    return BucketReplication(
      role: root.string("Role") ?? "",
      rules: try root.children.filter { $0.name == "Rule" }.map {
        try ReplicationRule($0, of: action)
      })
  }
}
