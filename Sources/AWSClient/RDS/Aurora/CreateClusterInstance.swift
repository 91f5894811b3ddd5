/// `rds:CreateDBInstance` for an Aurora cluster: the first instance of a cluster is its writer.
public struct CreateClusterInstance: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "CreateDBInstance"
  public static let effect = RequestEffect.creates

  private let identifier: String
  private let cluster: String
  private let engine: String
  private let instanceClass: String
  private let settings: DatabaseSettings
  private let tags: [String: String]

  /// Creates the request; of the settings, those that each instance of a cluster has of its own.
  public init(
    identifier: String, cluster: String, engine: String, instanceClass: String,
    settings: DatabaseSettings, tags: [String: String]
  ) {
    self.identifier = identifier
    self.cluster = cluster
    self.engine = engine
    self.instanceClass = instanceClass
    self.settings = settings
    self.tags = tags
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("DBClusterIdentifier", cluster)
    parameters.set("Engine", engine)
    parameters.set("DBInstanceClass", instanceClass)
    settings.ask(for: .clusterMember, in: &parameters)
    parameters.setTags(tags)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
