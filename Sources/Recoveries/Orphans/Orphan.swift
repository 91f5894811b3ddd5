import AWSClient
public import Platform

/// Something that carries the tags of a drill.
public struct Orphan: Sendable, Equatable {
  /// What it is.
  public enum Kind: String, Sendable, CaseIterable {
    case instance = "database instance"
    case cluster
    case snapshot
    case bucket
  }

  /// What it is.
  public let kind: Kind
  /// The name.
  public let identifier: String
  /// What names it for ever, as far as its service has that.
  public let identity: String
  /// The region.
  public let region: String
  /// The run that made it.
  public let run: String
  /// The step that made it.
  public let step: String
  /// When the run is surely over; nil when the tag is missing.
  public let expires: Timestamp?

  /// For people.
  public var name: String { "\(kind.rawValue) \(identifier) (\(identity)) in \(region)" }

  /// The mode that their tags name.
  static let mode = "drill"

  /// Nil when the tags are not those of a drill.
  init?(
    _ kind: Kind, _ identifier: String, identity: String, region: String, tags: [String: String]
  ) {
    guard tags[OwnershipTags.mode] == Self.mode, let run = tags[OwnershipTags.run] else {
      return nil
    }
    self.kind = kind
    self.identifier = identifier
    self.identity = identity
    self.region = region
    self.run = run
    step = tags[OwnershipTags.step] ?? "an unknown step"
    expires = tags[OwnershipTags.expires].flatMap { Timestamp($0) }
  }
}
