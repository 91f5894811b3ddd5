import Platform

/// What the environment and the shared config file say about how to reach AWS.
public struct AWSSettings: Sendable {
  /// The variables the process was started with.
  public let environment: [String: String]
  /// The profile in use: `AWS_PROFILE`, else `default`.
  public let profile: String
  /// Whether the profile was asked for by name.
  public let profileIsExplicit: Bool
  /// The shared config file: `AWS_CONFIG_FILE`, else `~/.aws/config`.
  public let configPath: String
  /// The shared credentials file: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
  public let credentialsPath: String
  private let config: ProfileFile

  /// Reads the settings.
  ///
  /// - Throws: `FileError` when the config file is there but cannot be read.
  public init(environment: [String: String]) throws {
    self.environment = environment
    let home = environment["HOME"] ?? "/"
    profileIsExplicit = environment["AWS_PROFILE"].nonEmpty != nil
    profile = environment["AWS_PROFILE"].nonEmpty ?? "default"
    configPath = environment["AWS_CONFIG_FILE"].nonEmpty ?? "\(home)/.aws/config"
    credentialsPath =
      environment["AWS_SHARED_CREDENTIALS_FILE"].nonEmpty ?? "\(home)/.aws/credentials"
    config = try ProfileFile(path: configPath)
  }

  /// A PEM bundle to trust in place of the system's: `AWS_CA_BUNDLE`, else `ca_bundle`.
  public var authorities: String? {
    environment["AWS_CA_BUNDLE"].nonEmpty ?? config.profile(profile)?["ca_bundle"]
  }

  /// How often one call is tried: `AWS_MAX_ATTEMPTS`, else `max_attempts`, else 3.
  public var maximumAttempts: Int {
    let text = environment["AWS_MAX_ATTEMPTS"].nonEmpty ?? config.profile(profile)?["max_attempts"]
    return min(max(text.flatMap { Int($0) } ?? 3, 1), 10)
  }

  /// The base URL of `service` in `region`, in the order of the AWS SDKs: the service's own
  /// variable, the common variable, the profile's `endpoint_url`, then AWS's endpoint.
  public func endpoint(of service: AWSService, in region: String) -> String {
    if environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]?.lowercased() != "true" {
      let configured =
        environment["AWS_ENDPOINT_URL_\(service.environmentName)"].nonEmpty
        ?? environment["AWS_ENDPOINT_URL"].nonEmpty
        ?? config.profile(profile)?["endpoint_url"].nonEmpty
      if let configured { return configured.hasSuffix("/") ? configured : configured + "/" }
    }
    return "https://\(service.endpointPrefix).\(region).\(Partition(of: region).dnsSuffix)/"
  }
}

/// A group of regions with its own names, as its ARNs show.
struct Partition {
  let name: String
  let dnsSuffix: String

  init(of region: String) {
    switch region {
    case _ where region.hasPrefix("cn-"): (name, dnsSuffix) = ("aws-cn", "amazonaws.com.cn")
    case _ where region.hasPrefix("us-gov-"): (name, dnsSuffix) = ("aws-us-gov", "amazonaws.com")
    case _ where region.hasPrefix("eusc-"): (name, dnsSuffix) = ("aws-eusc", "amazonaws.eu")
    default: (name, dnsSuffix) = ("aws", "amazonaws.com")
    }
  }
}
