public import AWSClient

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

  /// Whether a deletion of `key` reaches the destination. Rules with tags never replicate delete markers (S3
  /// User Guide, "Replicating delete markers between buckets"), and leave them to the rule beneath.
  public func replicateDeleteMarker(of key: [UInt8]) -> Bool {
    rules.first { $0.tags.isEmpty && key.starts(with: Array($0.prefix.utf8)) }?
      .replicatesDeleteMarkers ?? false
  }

  /// Of `prefixes`, those with keys that no rule covers.
  public func uncovered(among prefixes: [String]) -> [String] {
    prefixes.filter { prefix in
      !rules.contains { $0.tags.isEmpty && prefix.hasPrefix($0.prefix) }
    }
  }
}
