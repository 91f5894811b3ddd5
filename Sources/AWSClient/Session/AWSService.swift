/// An AWS service, as the wire, the endpoint rules, IAM and the AWS CLI name it.
public struct AWSService: Sendable, Equatable {
  /// The host name's first part, also the signing name and the IAM prefix.
  public let endpointPrefix: String
  /// The version parameter of the Query protocol.
  public let queryVersion: String

  /// Amazon RDS.
  public static let rds = AWSService(endpointPrefix: "rds", queryVersion: "2014-10-31")
  /// AWS Security Token Service.
  public static let sts = AWSService(endpointPrefix: "sts", queryVersion: "2011-06-15")

  var environmentName: String { endpointPrefix.uppercased() }
}
