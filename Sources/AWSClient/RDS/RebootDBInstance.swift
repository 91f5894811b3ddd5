/// `rds:RebootDBInstance`. A parameter group that waits for a reboot is in force after it.
///
/// With a failover, the standby of a Multi-AZ instance takes over. That the call succeeds does not
/// say that it will: RDS drops a failover that follows another too closely (RDS-EVENT-0034).
public struct RebootDBInstance: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "RebootDBInstance"
  public static let effect = RequestEffect.changes

  private let identifier: String
  private let forcesFailover: Bool?

  /// Creates the request.
  public init(identifier: String, forcesFailover: Bool? = nil) {
    self.identifier = identifier
    self.forcesFailover = forcesFailover
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("ForceFailover", forcesFailover)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
