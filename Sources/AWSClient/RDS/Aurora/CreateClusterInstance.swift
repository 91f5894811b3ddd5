/// `rds:CreateDBInstance` for an Aurora cluster: the first instance of a cluster is its writer.
public struct CreateClusterInstance: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "CreateDBInstance"
  public static let effect = RequestEffect.creates

  private let identifier: String
  private let cluster: String
  private let engine: String
  private let instanceClass: String
  private let parameterGroup: String?
  private let tags: [String: String]

  /// Creates the request.
  public init(
    identifier: String, cluster: String, engine: String, instanceClass: String,
    parameterGroup: String?, tags: [String: String]
  ) {
    self.identifier = identifier
    self.cluster = cluster
    self.engine = engine
    self.instanceClass = instanceClass
    self.parameterGroup = parameterGroup
    self.tags = tags
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("DBClusterIdentifier", cluster)
    parameters.set("Engine", engine)
    parameters.set("DBInstanceClass", instanceClass)
    parameters.set("DBParameterGroupName", parameterGroup)
    parameters.setTags(tags)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
