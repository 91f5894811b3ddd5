/// A parameter group, and the engine version it is for.
public struct DBParameterGroup: Sendable, Equatable {
  /// The name.
  public let name: String
  /// The family: `postgres15`.
  public let family: String
}

/// `rds:DescribeDBParameterGroups` for one group; `DBParameterGroupNotFound` when it is not there.
public struct DescribeDBParameterGroups: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBParameterGroups"
  public static let effect = RequestEffect.reads

  private let name: String

  /// Creates the request.
  public init(name: String) { self.name = name }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBParameterGroupName", name)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [DBParameterGroup] {
    try result.list("DBParameterGroups").map {
      DBParameterGroup(
        name: try $0.required("DBParameterGroupName", of: action),
        family: $0.string("DBParameterGroupFamily") ?? "")
    }
  }
}
