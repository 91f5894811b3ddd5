/// `rds:PromoteReadReplica`: makes a replica an instance of its own, for ever. It reboots.
public struct PromoteReadReplica: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "PromoteReadReplica"
  public static let effect = RequestEffect.changes

  private let identifier: String
  private let backupRetentionDays: Int?

  /// Creates the request; RDS keeps backups for a day when it is not told.
  public init(identifier: String, backupRetentionDays: Int?) {
    self.identifier = identifier
    self.backupRetentionDays = backupRetentionDays
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("BackupRetentionPeriod", backupRetentionDays)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
