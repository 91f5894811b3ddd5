/// `rds:RestoreDBClusterFromSnapshot`: a new cluster with the data of a snapshot, and no instance.
public struct RestoreDBClusterFromSnapshot: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "RestoreDBClusterFromSnapshot"
  public static let effect = RequestEffect.creates

  private let identifier: String
  private let snapshot: String
  private let engine: String
  private let target: ClusterTarget

  /// Creates the request.
  public init(identifier: String, snapshot: String, engine: String, target: ClusterTarget) {
    self.identifier = identifier
    self.snapshot = snapshot
    self.engine = engine
    self.target = target
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBClusterIdentifier", identifier)
    parameters.set("SnapshotIdentifier", snapshot)
    parameters.set("Engine", engine)
    target.add(to: &parameters)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBCluster {
    try DBCluster.single(in: result, of: action)
  }
}
