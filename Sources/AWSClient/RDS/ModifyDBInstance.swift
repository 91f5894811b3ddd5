/// `rds:ModifyDBInstance`, applied immediately. Sending it twice asks for the same end state.
public struct ModifyDBInstance: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "ModifyDBInstance"
  public static let effect = RequestEffect.changes

  private let identifier: String
  private let settings: DatabaseSettings

  /// Creates the request.
  public init(identifier: String, settings: DatabaseSettings) {
    self.identifier = identifier
    self.settings = settings
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("ApplyImmediately", true)
    settings.ask(for: .instance, in: &parameters)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
