import AWSClient
import Platform

/// What an Aurora cluster is brought back from.
struct ClusterRecoveryPoint: Sendable, Codable, Equatable {
  enum Source: Sendable, Codable, Equatable {
    case snapshot(identifier: String)
    /// A cluster's continuous backups; without a moment: the latest restorable one.
    case pointInTime(cluster: String, moment: Timestamp?)
  }

  let source: Source
  let engine: String
  let engineVersion: String
  let isEncrypted: Bool
  /// For people.
  let name: String

  /// The same database from another source, of another moment.
  func from(_ source: Source) -> ClusterRecoveryPoint {
    ClusterRecoveryPoint(
      source: source, engine: engine, engineVersion: engineVersion, isEncrypted: isEncrypted,
      name: name)
  }
}

/// The unchanging identity of a cluster, next to the name it goes by.
struct ClusterIdentity: Sendable, Codable, Equatable {
  let identifier: String
  let resourceID: String
}

/// The cluster that a run brought back, as later steps need it.
struct ClusterRecord: Sendable, Codable, Equatable {
  let identifier: String
  let resourceID: String
  let engine: String
  let engineVersion: String
}
