/// `rds:DescribeDBClusters`: one cluster by name (`DBClusterNotFoundFault` when there is none), or a
/// page of all.
public struct DescribeDBClusters: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBClusters"
  public static let effect = RequestEffect.reads

  private let identifier: String?
  private let marker: String?

  /// Asks for one cluster.
  public init(identifier: String) {
    self.identifier = identifier
    marker = nil
  }

  /// Asks for all, from `marker` on.
  public init(from marker: String?) {
    identifier = nil
    self.marker = marker
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBClusterIdentifier", identifier)
    parameters.set("Marker", marker)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBClusterPage {
    DBClusterPage(
      clusters: try result.list("DBClusters").map { try DBCluster($0, of: action) },
      marker: result.string("Marker"))
  }
}
