public import Platform

/// `rds:RestoreDBClusterToPointInTime`: a new cluster with the data as it was at a moment, and no
/// instance. Only in the region of the source.
public struct RestoreDBClusterToPointInTime: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "RestoreDBClusterToPointInTime"
  public static let effect = RequestEffect.creates

  private let identifier: String
  private let source: String
  private let moment: Timestamp?
  private let target: ClusterTarget

  /// Creates the request; without a `moment` the latest restorable time is used.
  public init(identifier: String, source: String, moment: Timestamp?, target: ClusterTarget) {
    self.identifier = identifier
    self.source = source
    self.moment = moment
    self.target = target
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBClusterIdentifier", identifier)
    parameters.set("SourceDBClusterIdentifier", source)
    parameters.set("RestoreType", "full-copy")
    if let moment {
      parameters.set("RestoreToTime", moment.formatted(fractionDigits: 0))
    } else {
      parameters.set("UseLatestRestorableTime", true)
    }
    target.add(to: &parameters)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBCluster {
    try DBCluster.single(in: result, of: action)
  }
}
