/// A rule of a bucket's replication configuration (API Reference, "ReplicationRule"), as far as it
/// decides what becomes of an object.
public struct ReplicationRule: Sendable, Codable, Equatable {
  /// The identifier.
  public let id: String
  /// Of several rules for one destination, the one with the highest number counts.
  public let priority: Int
  /// Whether it is switched on.
  public let isEnabled: Bool
  /// What the keys begin with.
  public let prefix: String
  /// The tags an object must have; a listing does not show them.
  public let tags: [String: String]
  /// The bucket the replicas go to, without the ARN's head.
  public let destination: String
  /// Whether delete markers are replicated.
  public let replicatesDeleteMarkers: Bool
  /// Whether objects encrypted with KMS are replicated.
  public let replicatesKMS: Bool
  /// The key that replicas are encrypted with.
  public let replicaKey: String?
  /// The storage class of replicas; nil is the object's own.
  public let storageClass: String?
  /// Whether replicas belong to the owner of the destination.
  public let changesOwner: Bool
  /// The minutes of Replication Time Control; nil without.
  public let timeControlMinutes: Int?
  /// Whether metrics are published.
  public let hasMetrics: Bool

  /// Creates a rule.
  public init(
    id: String, priority: Int, isEnabled: Bool, prefix: String, tags: [String: String],
    destination: String, replicatesDeleteMarkers: Bool, replicatesKMS: Bool,
    replicaKey: String? = nil, storageClass: String? = nil, changesOwner: Bool = false,
    timeControlMinutes: Int? = nil, hasMetrics: Bool = false
  ) {
    self.id = id
    self.priority = priority
    self.isEnabled = isEnabled
    self.prefix = prefix
    self.tags = tags
    self.destination = destination
    self.replicatesDeleteMarkers = replicatesDeleteMarkers
    self.replicatesKMS = replicatesKMS
    self.replicaKey = replicaKey
    self.storageClass = storageClass
    self.changesOwner = changesOwner
    self.timeControlMinutes = timeControlMinutes
    self.hasMetrics = hasMetrics
  }
}

/// The rules that lead from one bucket to one other.
public struct ReplicationRules: Sendable, Codable, Equatable {
  /// Whether a key is replicated.
  public enum Coverage: Sendable, Equatable {
    /// By this rule.
    case covered(ReplicationRule)
    /// Only with tags that a listing does not show.
    case dependsOnTags(ReplicationRule)
    /// By none.
    case uncovered
  }

  /// The enabled rules for the destination, the ones that count most first.
  public let rules: [ReplicationRule]

  /// Picks the rules that are enabled and lead to `destination`.
  public init(_ all: [ReplicationRule], to destination: String) {
    rules = all.filter { $0.isEnabled && $0.destination == destination }
      .sorted { $0.priority > $1.priority }
  }

  /// What becomes of a new object under `key`.
  public func coverage(of key: [UInt8]) -> Coverage {
    var tagged: ReplicationRule?
    for rule in rules where key.starts(with: Array(rule.prefix.utf8)) {
      if rule.tags.isEmpty { return tagged.map { .dependsOnTags($0) } ?? .covered(rule) }
      tagged = tagged ?? rule
    }
    return tagged.map { .dependsOnTags($0) } ?? .uncovered
  }

  /// Of `prefixes`, those with keys that no rule covers.
  public func uncovered(among prefixes: [String]) -> [String] {
    prefixes.filter { prefix in
      !rules.contains { $0.tags.isEmpty && prefix.hasPrefix($0.prefix) }
    }
  }
}
