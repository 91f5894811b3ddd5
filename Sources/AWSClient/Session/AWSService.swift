/// An AWS service, as the wire, the endpoint rules, IAM and the AWS CLI name it.
public struct AWSService: Sendable, Equatable {
  /// AWS's identifier of the service: `Route 53`. Variables and config keys come from it.
  public let identifier: String
  /// The host name's first part.
  public let endpointPrefix: String
  /// The service's name in signatures.
  public let signingName: String
  /// The service's name in IAM policies.
  public let iamPrefix: String
  /// The service's name in the AWS CLI.
  public let commandName: String
  /// How its calls are written.
  public let wire: WireProtocol
  /// Whether there is one endpoint for a whole partition, in one region of it.
  public let isGlobal: Bool

  /// Names a service; what is left out is the same as the endpoint prefix.
  public init(
    _ identifier: String, endpointPrefix: String, wire: WireProtocol, signingName: String? = nil,
    iamPrefix: String? = nil, commandName: String? = nil, isGlobal: Bool = false
  ) {
    self.identifier = identifier
    self.endpointPrefix = endpointPrefix
    self.signingName = signingName ?? endpointPrefix
    self.iamPrefix = iamPrefix ?? endpointPrefix
    self.commandName = commandName ?? endpointPrefix
    self.wire = wire
    self.isGlobal = isGlobal
  }

  /// Amazon RDS.
  public static let rds = AWSService(
    "RDS", endpointPrefix: "rds", wire: .query(version: "2014-10-31"))
  /// AWS Security Token Service.
  public static let sts = AWSService(
    "STS", endpointPrefix: "sts", wire: .query(version: "2011-06-15"))
  /// AWS Identity and Access Management.
  public static let iam = AWSService(
    "IAM", endpointPrefix: "iam", wire: .query(version: "2010-05-08"), isGlobal: true)
  /// Amazon CloudWatch.
  public static let cloudWatch = AWSService(
    "CloudWatch", endpointPrefix: "monitoring", wire: .query(version: "2010-08-01"),
    iamPrefix: "cloudwatch", commandName: "cloudwatch")
  /// Amazon EC2.
  public static let ec2 = AWSService(
    "EC2", endpointPrefix: "ec2", wire: .ec2(version: "2016-11-15"))
  /// AWS Key Management Service.
  public static let kms = AWSService(
    "KMS", endpointPrefix: "kms", wire: .json(version: "1.1", target: "TrentService"))
  /// AWS Secrets Manager.
  public static let secretsManager = AWSService(
    "Secrets Manager", endpointPrefix: "secretsmanager",
    wire: .json(version: "1.1", target: "secretsmanager"))
  /// AWS Systems Manager.
  public static let ssm = AWSService(
    "SSM", endpointPrefix: "ssm", wire: .json(version: "1.1", target: "AmazonSSM"))
  /// Service Quotas.
  public static let serviceQuotas = AWSService(
    "Service Quotas", endpointPrefix: "servicequotas",
    wire: .json(version: "1.1", target: "ServiceQuotasV20190624"), commandName: "service-quotas")
  /// Resource Groups Tagging API.
  public static let tagging = AWSService(
    "Resource Groups Tagging API", endpointPrefix: "tagging",
    wire: .json(version: "1.1", target: "ResourceGroupsTaggingAPI_20170126"), iamPrefix: "tag",
    commandName: "resourcegroupstaggingapi")
  /// Amazon EKS.
  public static let eks = AWSService("EKS", endpointPrefix: "eks", wire: .restJSON)
  /// AWS Backup.
  public static let backup = AWSService("Backup", endpointPrefix: "backup", wire: .restJSON)
  /// IAM Identity Center's portal.
  static let sso = AWSService("SSO", endpointPrefix: "portal.sso", wire: .restJSON)
  /// IAM Identity Center's tokens.
  static let ssoOIDC = AWSService("SSO OIDC", endpointPrefix: "oidc", wire: .restJSON)
  /// Amazon Route 53.
  public static let route53 = AWSService(
    "Route 53", endpointPrefix: "route53", wire: .restXML, isGlobal: true)
  /// Amazon S3.
  public static let s3 = AWSService(
    "S3", endpointPrefix: "s3", wire: .restXML, commandName: "s3api")

  /// How KMS names the service when it uses a key in a caller's name: the value of `kms:ViaService`.
  public func keyUser(in region: String) -> String {
    "\(endpointPrefix).\(region).\(Partition(of: region).dnsSuffix)"
  }

  /// The identifier as a config key: `route_53`.
  var configKey: String { String(identifier.lowercased().map { $0 == " " ? "_" : $0 }) }

  /// Whether paths are signed as they are sent, and the body's digest is always a header field.
  var signsAsS3: Bool { signingName == "s3" }
}
