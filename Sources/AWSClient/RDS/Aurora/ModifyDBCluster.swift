/// `rds:ModifyDBCluster`, applied immediately. Sending it twice asks for the same end state.
public struct ModifyDBCluster: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "ModifyDBCluster"
  public static let effect = RequestEffect.changes

  private let identifier: String
  private let settings: DatabaseSettings

  /// Creates the request. Settings that only instances have are left out.
  public init(identifier: String, settings: DatabaseSettings) {
    self.identifier = identifier
    self.settings = settings
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBClusterIdentifier", identifier)
    parameters.set("ApplyImmediately", true)
    settings.ask(for: .cluster, in: &parameters)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBCluster {
    try DBCluster.single(in: result, of: action)
  }
}
