public import Platform

/// A database instance as RDS describes it (API Reference, "DBInstance"); fields this program reads.
public struct DBInstance: Sendable {
  /// The name, lower-case; it may be given to another instance later.
  public let identifier: String
  /// The identity that never changes and is never used again: `db-…`.
  public let resourceID: String
  /// The status in RDS's own words; see ``DBInstanceStatus``.
  public let status: String
  /// The engine, as `postgres`.
  public let engine: String
  /// The engine's version.
  public let engineVersion: String
  /// The instance class.
  public let instanceClass: String
  /// Where it listens; nil while it is being made.
  public let endpoint: Endpoint?
  /// When it was made.
  public let createdAt: Timestamp?
  /// The newest moment it can be restored to; nil without automated backups.
  public let latestRestorableTime: Timestamp?
  /// Parameter groups, with how far each is applied.
  public let parameterGroups: [ParameterGroup]
  /// Security groups, with their status.
  public let securityGroups: [SecurityGroup]
  /// The subnet group it lies in.
  public let subnetGroup: String?
  /// Names of changes that are asked for but not in force.
  public let pendingChanges: [String]
  /// Resource tags.
  public let tags: [String: String]
  /// Whether its storage is encrypted.
  public let isEncrypted: Bool
  /// The key that encrypts it.
  public let kmsKeyID: String?
  /// Whether it has a standby in another zone.
  public let isMultiAZ: Bool
  /// For how many days automated backups are kept.
  public let backupRetentionDays: Int
  /// Allocated storage in GiB.
  public let allocatedStorage: Int?
  /// The ARN.
  public let arn: String?
  /// The Aurora cluster it belongs to; nil for an instance of its own.
  public let cluster: String?
  /// What it replicates, by name or, from another region, by ARN; nil for a primary.
  public let replicates: String?
  /// How its replication stands, when it is a replica: `replicating`, `error`, `terminated` ….
  public let replicationStatus: String?
  /// The zone it runs in.
  public let zone: String?
  /// The zone of its standby.
  public let standbyZone: String?
  /// The storage type.
  public let storageType: String?

  /// The settings that a modification can ask for, as they are in force.
  public let settings: DatabaseSettings
  /// What else a restore does not carry over.
  public let details: DatabaseDetails

  /// Host and port.
  public struct Endpoint: Sendable, Codable, Equatable {
    /// The host name or address.
    public let address: String
    /// The port.
    public let port: Int
  }

  /// A parameter group in use.
  public struct ParameterGroup: Sendable, Equatable {
    /// The group's name.
    public let name: String
    /// `in-sync`, `applying`, `pending-reboot` ….
    public let applyStatus: String
  }

  /// A security group in use.
  public struct SecurityGroup: Sendable, Equatable {
    /// The group's identifier.
    public let identifier: String
    /// `active`, `adding` ….
    public let status: String
  }

  init(_ element: XMLElement, of action: String) throws {
    identifier = try element.required("DBInstanceIdentifier", of: action)
    status = try element.required("DBInstanceStatus", of: action)
    resourceID = try element.required("DbiResourceId", of: action)
    engine = element.string("Engine") ?? ""
    engineVersion = element.string("EngineVersion") ?? ""
    instanceClass = element.string("DBInstanceClass") ?? ""
    endpoint = element.child("Endpoint").flatMap { endpoint in
      guard let address = endpoint.string("Address"), let port = endpoint.integer("Port") else {
        return nil
      }
      return Endpoint(address: address, port: port)
    }
    createdAt = element.moment("InstanceCreateTime")
    latestRestorableTime = element.moment("LatestRestorableTime")
    parameterGroups = element.list("DBParameterGroups").map {
      ParameterGroup(
        name: $0.string("DBParameterGroupName") ?? "",
        applyStatus: $0.string("ParameterApplyStatus") ?? "")
    }
    securityGroups = element.list("VpcSecurityGroups").map {
      SecurityGroup(
        identifier: $0.string("VpcSecurityGroupId") ?? "", status: $0.string("Status") ?? "")
    }
    subnetGroup = element.child("DBSubnetGroup")?.string("DBSubnetGroupName")
    pendingChanges = element.list("PendingModifiedValues").map(\.name)
    tags = element.tags("TagList")
    isEncrypted = element.flag("StorageEncrypted") ?? false
    kmsKeyID = element.string("KmsKeyId")
    isMultiAZ = element.flag("MultiAZ") ?? false
    backupRetentionDays = element.integer("BackupRetentionPeriod") ?? 0
    allocatedStorage = element.integer("AllocatedStorage")
    arn = element.string("DBInstanceArn")
    cluster = element.string("DBClusterIdentifier")
    replicates = element.string("ReadReplicaSourceDBInstanceIdentifier")
    replicationStatus = element.list("StatusInfos").first {
      $0.string("StatusType") == "read replication"
    }?.string("Status")
    zone = element.string("AvailabilityZone")
    standbyZone = element.string("SecondaryAvailabilityZone")
    storageType = element.string("StorageType")
    settings = DatabaseSettings(inForce: element)
    details = DatabaseDetails(inForce: element)
  }
}
