/// `rds:DescribeDBClusterParameterGroups` for one group; `DBParameterGroupNotFound` when it is not there.
public struct DescribeDBClusterParameterGroups: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBClusterParameterGroups"
  public static let effect = RequestEffect.reads

  private let name: String

  /// Creates the request.
  public init(name: String) { self.name = name }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBClusterParameterGroupName", name)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [DBParameterGroup] {
    try result.list("DBClusterParameterGroups").map {
      DBParameterGroup(
        name: try $0.required("DBClusterParameterGroupName", of: action),
        family: $0.string("DBParameterGroupFamily") ?? "")
    }
  }
}
