import Platform

/// What the environment and the shared config file say about how to reach AWS.
public struct AWSSettings: Sendable {
  /// The variables the process was started with.
  public let environment: [String: String]
  /// The profile in use: `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`, else `default`.
  public let profile: String
  /// Whether the profile was asked for by name.
  public let profileIsExplicit: Bool
  /// The shared config file: `AWS_CONFIG_FILE`, else `~/.aws/config`.
  public let configPath: String
  /// The shared credentials file: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
  public let credentialsPath: String
  let config: ProfileFile

  /// Reads the settings.
  ///
  /// - Throws: `FileError` when the config file is there but cannot be read.
  public init(environment: [String: String]) throws {
    self.environment = environment
    let home = environment["HOME"] ?? "/"
    let named = environment["AWS_PROFILE"].nonEmpty ?? environment["AWS_DEFAULT_PROFILE"].nonEmpty
    profileIsExplicit = named != nil
    profile = named ?? "default"
    configPath = Self.path("AWS_CONFIG_FILE", environment) ?? "\(home)/.aws/config"
    credentialsPath =
      Self.path("AWS_SHARED_CREDENTIALS_FILE", environment) ?? "\(home)/.aws/credentials"
    config = try ProfileFile(path: configPath)
  }

  /// A PEM bundle to trust in place of the system's: `AWS_CA_BUNDLE`, else `ca_bundle`.
  public var authorities: String? {
    environment["AWS_CA_BUNDLE"].nonEmpty ?? value("ca_bundle")
  }

  /// The region of the profile: `AWS_REGION`, else `AWS_DEFAULT_REGION`, else `region`.
  public var region: String? {
    environment["AWS_REGION"].nonEmpty ?? environment["AWS_DEFAULT_REGION"].nonEmpty
      ?? value("region")
  }

  /// How often one call is tried: `AWS_MAX_ATTEMPTS`, else `max_attempts`, else 3.
  public var maximumAttempts: Int {
    let text = environment["AWS_MAX_ATTEMPTS"].nonEmpty ?? value("max_attempts")
    return min(max(text.flatMap { Int($0) } ?? 3, 1), 10)
  }

  /// What the user calls the use of this program in logs of AWS: `AWS_SDK_UA_APP_ID`, else
  /// `sdk_ua_app_id`.
  var applicationID: String? {
    let allowed = Set(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~")
    return (environment["AWS_SDK_UA_APP_ID"].nonEmpty ?? value("sdk_ua_app_id"))
      .map { String($0.prefix(50).map { allowed.contains($0) ? $0 : "-" }) }
  }

  /// The base URL of `service` in `region`, in the order of the AWS SDKs: the service's own variable,
  /// the common variable, the profile's `services` section, the profile's `endpoint_url`, then AWS's
  /// endpoint. It ends in a slash.
  public func endpoint(of service: AWSService, in region: String) -> String {
    if let configured = configuredEndpoint(of: service) {
      return configured.hasSuffix("/") ? configured : configured + "/"
    }
    return "https://\(rules.host(of: service, in: region))/"
  }

  /// The region that requests to `service` in `region` are signed for, which also answers them.
  public func signingRegion(of service: AWSService, in region: String) -> String {
    EndpointRules.signingRegion(of: service, in: region)
  }

  /// The URL that a message goes to. S3's bucket stands in the host name where it can: not with dots,
  /// which a certificate does not cover, nor at an address or on this machine.
  func url(of message: WireMessage, to service: AWSService, in region: String) -> String {
    let base = String(endpoint(of: service, in: region).dropLast())
    guard let bucket = message.bucket else { return base + message.target }
    if bucketBelongsInHost(bucket, base: base), let scheme = base.firstRange(of: "://") {
      return "\(base[..<scheme.upperBound])\(bucket).\(base[scheme.upperBound...])\(message.target)"
    }
    return "\(base)/\(PercentEncoding.encode(bucket))\(message.target == "/" ? "" : message.target)"
  }

  /// The URL of an object or a call on a bucket, for callers that exchange requests by themselves.
  ///
  /// - Parameters:
  ///   - path: encoded, beginning with a slash.
  ///   - query: encoded, without the question mark; empty for none.
  public func s3URL(bucket: String, path: String, query: String, in region: String) -> String {
    let url = url(
      of: WireMessage(method: "GET", path: path, bucket: bucket), to: .s3, in: region)
    return query.isEmpty ? url : "\(url)?\(query)"
  }

  var missingCredentials: Problem {
    Problem(
      "no AWS credentials",
      because: "the environment, profile '\(profile)' of \(configPath) and \(credentialsPath), and "
        + "the container and instance metadata services have none",
      fix: "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
  }

  /// A key of the profile in the config file.
  func value(_ key: String) -> String? { config.profile(profile)?[key].nonEmpty }

  private var rules: EndpointRules {
    EndpointRules(
      usesFIPS: isOn("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
      usesDualStack: isOn("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"))
  }

  private func isOn(_ variable: String, _ key: String) -> Bool {
    (environment[variable].nonEmpty ?? value(key))?.lowercased() == "true"
  }

  private func configuredEndpoint(of service: AWSService) -> String? {
    if isOn("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") { return nil }
    return environment["AWS_ENDPOINT_URL_\(service.configKey.uppercased())"].nonEmpty
      ?? environment["AWS_ENDPOINT_URL"].nonEmpty
      ?? value("services").flatMap {
        config.section("services \($0)")?.nested[service.configKey]?["endpoint_url"].nonEmpty
      }
      ?? value("endpoint_url")
  }

  private func bucketBelongsInHost(_ bucket: String, base: String) -> Bool {
    let style = config.section(of: profile)?.nested["s3"]?["addressing_style"]
    if style == "path" || bucket.contains(".") || bucket != bucket.lowercased() { return false }
    if style == "virtual" { return true }
    let host = RequestAddress(base).host
    let isAddress = host.allSatisfy { $0.isNumber || $0 == "." } || host.hasPrefix("[")
    return !isAddress && host != "localhost"
  }

  private static func path(_ variable: String, _ environment: [String: String]) -> String? {
    guard let path = environment[variable].nonEmpty else { return nil }
    guard path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
    return home + path.dropFirst()
  }
}
