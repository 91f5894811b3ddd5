/// `rds:RestoreDBInstanceFromDBSnapshot`: a new instance with the data of a snapshot.
public struct RestoreDBInstanceFromDBSnapshot: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "RestoreDBInstanceFromDBSnapshot"
  public static let effect = RequestEffect.creates

  private let identifier: String
  private let snapshot: String
  private let target: RestoreTarget

  /// Creates the request.
  public init(identifier: String, snapshot: String, target: RestoreTarget) {
    self.identifier = identifier
    self.snapshot = snapshot
    self.target = target
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("DBSnapshotIdentifier", snapshot)
    target.add(to: &parameters)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
