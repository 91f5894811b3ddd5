/// `rds:DeleteDBCluster` without a final snapshot: for copies that a drill made. Its instances go
/// first.
public struct DeleteDBCluster: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DeleteDBCluster"
  public static let effect = RequestEffect.deletes

  private let identifier: String

  /// Creates the request.
  public init(identifier: String) { self.identifier = identifier }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBClusterIdentifier", identifier)
    parameters.set("SkipFinalSnapshot", true)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBCluster {
    try DBCluster.single(in: result, of: action)
  }
}
