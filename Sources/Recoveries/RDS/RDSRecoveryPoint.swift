import AWSClient
import Platform

/// What a database is brought back from.
struct RDSRecoveryPoint: Sendable, Codable, Equatable {
  enum Source: Sendable, Codable, Equatable {
    case snapshot(identifier: String)
    /// Without a moment: the latest restorable one.
    case pointInTime(RestoreDBInstanceToPointInTime.Source, moment: Timestamp?)
    /// A read replica, as it is.
    case replica(InstanceRecord)
  }

  let source: Source
  /// The instant up to which its data is present, by the service's word; nil when only the data tells.
  let at: Timestamp?
  let engine: String
  let engineVersion: String
  let isEncrypted: Bool
  let kmsKeyID: String?
  /// For people: "snapshot rds:core-2026-11-24", "automated backups, latest restorable time".
  let name: String
}

/// What any recovery point of a database says of its engine.
struct PointEngine: Sendable, Codable, Equatable {
  let engine: String
  let engineVersion: String
}
