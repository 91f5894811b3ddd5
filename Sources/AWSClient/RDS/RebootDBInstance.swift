/// `rds:RebootDBInstance`. A parameter group that waits for a reboot is in force after it.
public struct RebootDBInstance: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "RebootDBInstance"
  public static let effect = RequestEffect.changes

  private let identifier: String

  /// Creates the request.
  public init(identifier: String) { self.identifier = identifier }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
