/// What a status of a database instance means for somebody who waits for it to be usable.
///
/// Source: RDS User Guide, "Viewing Amazon RDS DB instance status".
public enum DBInstanceStatus: Sendable, Equatable {
  /// The instance serves.
  case usable
  /// It gets there by itself.
  case progressing
  /// It never gets there without a person.
  case stuck
  /// A status this program does not know: never taken for success, never for failure.
  case unknown

  private static let usableNames: Set<String> = ["available", "storage-optimization"]

  private static let progressingNames: Set<String> = [
    "backing-up", "configuring-associated-roles", "configuring-enhanced-monitoring",
    "configuring-iam-database-auth", "configuring-log-exports", "converting-to-vpc", "creating",
    "maintenance", "modifying", "moving-to-vpc", "rebooting", "renaming",
    "resetting-master-credentials", "starting", "storage-config-upgrade",
    "storage-initialization", "upgrading",
  ]

  private static let stuckNames: Set<String> = [
    "delete-precheck", "deleting", "failed", "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable", "incompatible-create",
    "incompatible-network", "incompatible-option-group", "incompatible-parameters",
    "incompatible-restore", "insufficient-capacity", "restore-error", "stopped", "stopping",
    "storage-full",
  ]

  /// Reads RDS's word.
  public init(_ name: String) {
    switch name {
    case _ where Self.usableNames.contains(name): self = .usable
    case _ where Self.progressingNames.contains(name): self = .progressing
    case _ where Self.stuckNames.contains(name): self = .stuck
    default: self = .unknown
    }
  }
}
