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
    if service.isGlobal { return globalHost(of: service, partition, region) }
    if service.signsAsS3 { return s3Host(in: region, partition) }
    let suffix = suffix(for: service, partition)
    return "\(regionalName(of: service, partition)).\(region).\(suffix)"
  }

  /// The region that a request to `service` in `region` is signed for, which is also the region that
  /// answers it.
  static func signingRegion(of service: AWSService, in region: String) -> String {
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

  /// The first part of the host, which shows whether the endpoint is a validated one.
  private func regionalName(of service: AWSService, _ partition: Partition) -> String {
    let prefix = service.endpointPrefix
    guard usesFIPS else { return prefix }
    if partition.name == "aws-us-gov" {
      // There the plain endpoints of most services are the validated ones.
      let plain: [AWSService] = [.rds, .sts, .ec2, .ssm, .serviceQuotas, .eks, .cloudWatch]
      let isPlain = plain.contains(service) && (!usesDualStack || service == .cloudWatch)
      return isPlain ? prefix : "\(prefix)-fips"
    }
    return service == .eks && partition.name == "aws" && !usesDualStack
      ? "fips.eks" : "\(prefix)-fips"
  }

  private func suffix(for service: AWSService, _ partition: Partition) -> String {
    guard usesDualStack else { return partition.dnsSuffix }
    // Secrets Manager answers over IPv6 on its usual hosts.
    let isUsual =
      service == .secretsManager
      && (["aws", "aws-us-gov"].contains(partition.name)
        || partition.name == "aws-cn" && !usesFIPS)
    return isUsual ? partition.dnsSuffix : partition.dualStackSuffix
  }

  private func globalHost(
    of service: AWSService, _ partition: Partition, _ region: String
  ) -> String {
    let prefix = service.endpointPrefix
    let suffix = usesDualStack ? partition.dualStackSuffix : partition.dnsSuffix
    switch (partition.name, usesFIPS, usesDualStack) {
    case ("aws-us-gov", _, _): return "\(prefix).us-gov.\(suffix)"
    case ("aws", true, true): return "\(prefix)-fips.global.\(suffix)"
    case (_, true, _): return "\(prefix)-fips.\(suffix)"
    case (_, false, true): return "\(prefix).global.\(suffix)"
    case ("aws-cn", false, false) where service == .iam,
      ("aws-eusc", false, false) where service == .iam:
      return "\(prefix).\(Self.signingRegion(of: service, in: region)).\(suffix)"
    default: return "\(prefix).\(suffix)"
    }
  }
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
