public import Platform

/// `rds:RestoreDBInstanceToPointInTime`: a new instance with the data as it was at a moment.
public struct RestoreDBInstanceToPointInTime: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "RestoreDBInstanceToPointInTime"
  public static let effect = RequestEffect.creates

  /// Whose backups are used.
  public enum Source: Sendable, Codable, Equatable {
    /// The instance's identity, for backups in its own region; also when it is gone.
    case resourceID(String)
    /// The ARN of replicated backups: the only form that works away from the instance's region.
    case automatedBackups(String)
  }

  private let identifier: String
  private let source: Source
  private let moment: Timestamp?
  private let target: RestoreTarget

  /// Creates the request; without a `moment` the latest restorable time is used.
  public init(identifier: String, source: Source, moment: Timestamp?, target: RestoreTarget) {
    self.identifier = identifier
    self.source = source
    self.moment = moment
    self.target = target
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    switch source {
    case .resourceID(let identifier): parameters.set("SourceDbiResourceId", identifier)
    case .automatedBackups(let arn): parameters.set("SourceDBInstanceAutomatedBackupsArn", arn)
    }
    parameters.set("TargetDBInstanceIdentifier", identifier)
    if let moment {
      parameters.set("RestoreTime", moment.formatted(fractionDigits: 0))
    } else {
      parameters.set("UseLatestRestorableTime", true)
    }
    target.add(to: &parameters)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}
