/// Where AWS's services are, and which region a request to them is signed for.
///
/// Checked against the endpoint rules of botocore, which AWS publishes.
struct EndpointRules {
  /// Whether endpoints with cryptography validated under FIPS 140 are used.
  let usesFIPS: Bool
  /// Whether endpoints that answer over IPv6 as well are used.
  let usesDualStack: Bool

  /// The host of `service` in `region`.
  func host(of service: AWSService, in region: String) -> String {
    let partition = Partition(of: region)
    if service.isGlobal { return globalHost(of: service, partition) }
    if service.signsAsS3 { return s3Host(in: region, partition) }
    let dualStack = usesDualStack && Self.hasDualStack(service)
    let suffix = dualStack ? partition.dualStackSuffix : partition.dnsSuffix
    guard usesFIPS else { return "\(service.endpointPrefix).\(region).\(suffix)" }
    switch service.identifier {
    case "EKS" where !dualStack: return "fips.eks.\(region).\(suffix)"
    // In GovCloud the plain endpoints of these are the validated ones.
    case "RDS" where partition.name == "aws-us-gov" && !dualStack,
      "STS" where partition.name == "aws-us-gov" && !dualStack:
      return "\(service.endpointPrefix).\(region).\(suffix)"
    default: return "\(service.endpointPrefix)-fips.\(region).\(suffix)"
    }
  }

  /// The region that a request to `service` in `region` is signed for, which is also the region that
  /// answers it.
  func signingRegion(of service: AWSService, in region: String) -> String {
    guard service.isGlobal else { return region }
    switch Partition(of: region).name {
    case "aws-cn": return service == .iam ? "cn-north-1" : "cn-northwest-1"
    case "aws-us-gov": return "us-gov-west-1"
    case "aws-eusc": return "eusc-de-east-1"
    case "aws-iso": return "us-iso-east-1"
    case "aws-iso-b": return "us-isob-east-1"
    case "aws-iso-e": return "eu-isoe-west-1"
    case "aws-iso-f": return "us-isof-south-1"
    default: return "us-east-1"
    }
  }

  private func s3Host(in region: String, _ partition: Partition) -> String {
    let name = usesFIPS ? "s3-fips" : "s3"
    return usesDualStack
      ? "\(name).dualstack.\(region).\(partition.dnsSuffix)"
      : "\(name).\(region).\(partition.dnsSuffix)"
  }

  private func globalHost(of service: AWSService, _ partition: Partition) -> String {
    let prefix = service.endpointPrefix
    switch partition.name {
    case "aws": return "\(prefix)\(usesFIPS ? "-fips" : "").\(partition.dnsSuffix)"
    case "aws-cn" where service == .iam: return "iam.cn-north-1.\(partition.dnsSuffix)"
    case "aws-us-gov": return "\(prefix).us-gov.\(partition.dnsSuffix)"
    default: return "\(prefix).\(partition.dnsSuffix)"
    }
  }

  /// The portal and the tokens of IAM Identity Center, and STS, have no such endpoints everywhere.
  private static func hasDualStack(_ service: AWSService) -> Bool { service != .sts }
}

/// A group of regions with its own names, as its ARNs show.
public struct Partition: Sendable, Equatable {
  /// The name, as ARNs begin: `arn:aws-cn:`.
  public let name: String
  let dnsSuffix: String
  let dualStackSuffix: String

  /// The partition of a region.
  public init(of region: String) {
    let known: [(prefix: String, name: String, dns: String, dual: String)] = [
      ("cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
      ("us-gov-", "aws-us-gov", "amazonaws.com", "api.aws"),
      ("eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"),
      ("us-iso-", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov"),
      ("us-isob-", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"),
      ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
      ("us-isof-", "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ]
    let found = known.first { region.hasPrefix($0.prefix) }
    name = found?.name ?? "aws"
    dnsSuffix = found?.dns ?? "amazonaws.com"
    dualStackSuffix = found?.dual ?? "api.aws"
  }
}
