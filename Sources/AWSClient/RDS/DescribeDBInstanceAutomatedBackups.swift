public import Platform

/// Automated backups of an instance, as they are in one region (API Reference,
/// "DBInstanceAutomatedBackup"). They outlive the instance, and may be replicated from another
/// region.
public struct DBInstanceAutomatedBackup: Sendable, Equatable {
  /// The ARN; the only way to name a replicated backup.
  public let arn: String?
  /// The ARN of the instance; its region is the instance's, not the backup's.
  public let instanceARN: String?
  /// The instance's name.
  public let instanceIdentifier: String
  /// The instance's unchanging identity.
  public let resourceID: String
  /// `active`, `retained`, `creating`, `replicating`.
  public let status: String
  /// The oldest moment that can be restored.
  public let earliestTime: Timestamp?
  /// The newest moment that can be restored.
  public let latestTime: Timestamp?
  /// Whether the backup is encrypted.
  public let isEncrypted: Bool
  /// The key that encrypts it, in the backup's region.
  public let kmsKeyID: String?
  /// The engine's version.
  public let engineVersion: String
  /// The class of the instance.
  public let engine: String
  /// Allocated storage in GiB.
  public let allocatedStorage: Int?
}

/// `rds:DescribeDBInstanceAutomatedBackups` for an instance by name.
public struct DescribeDBInstanceAutomatedBackups: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBInstanceAutomatedBackups"
  public static let effect = RequestEffect.reads

  private let instance: String

  /// Creates the request.
  public init(instance: String) { self.instance = instance }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", instance)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [DBInstanceAutomatedBackup] {
    try result.list("DBInstanceAutomatedBackups").map { element in
      let window = element.child("RestoreWindow")
      return DBInstanceAutomatedBackup(
        arn: element.string("DBInstanceAutomatedBackupsArn"),
        instanceARN: element.string("DBInstanceArn"),
        instanceIdentifier: try element.required("DBInstanceIdentifier", of: action),
        resourceID: try element.required("DbiResourceId", of: action),
        status: element.string("Status") ?? "",
        earliestTime: window?.moment("EarliestTime"), latestTime: window?.moment("LatestTime"),
        isEncrypted: element.flag("Encrypted") ?? false, kmsKeyID: element.string("KmsKeyId"),
        engineVersion: element.string("EngineVersion") ?? "",
        engine: element.string("Engine") ?? "",
        allocatedStorage: element.integer("AllocatedStorage"))
    }
  }
}
