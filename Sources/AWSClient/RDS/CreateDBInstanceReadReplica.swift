/// `rds:CreateDBInstanceReadReplica`: a new replica of an instance of the same region, which may
/// itself be a replica (PostgreSQL 14.1 and newer, when it keeps automated backups).
public struct CreateDBInstanceReadReplica: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "CreateDBInstanceReadReplica"
  public static let effect = RequestEffect.creates

  private let identifier: String
  private let source: String
  private let target: RestoreTarget

  /// Creates the request.
  public init(identifier: String, source: String, target: RestoreTarget) {
    self.identifier = identifier
    self.source = source
    self.target = target
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("SourceDBInstanceIdentifier", source)
    // For PostgreSQL the call takes no parameter group: the replica has its source's.
    var target = target
    target.parameterGroup = nil
    // Nor does it take a retention: RDS creates read replicas with backups disabled.
    target.backupRetentionDays = nil
    target.add(to: &parameters)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
