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
    settings.addCommon(to: &parameters)
    parameters.set("MonitoringInterval", settings.monitoringInterval)
    parameters.set("MonitoringRoleArn", settings.monitoringRole)
    parameters.set("EnablePerformanceInsights", settings.performanceInsights)
    parameters.set("MaxAllocatedStorage", settings.maxAllocatedStorage)
    parameters.set("CACertificateIdentifier", settings.caCertificate)
    parameters.set("AutoMinorVersionUpgrade", settings.autoMinorVersionUpgrade)
    parameters.set("DBParameterGroupName", settings.parameterGroup)
    parameters.set("OptionGroupName", settings.optionGroup)
    parameters.set("MultiAZ", settings.multiAZ)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
