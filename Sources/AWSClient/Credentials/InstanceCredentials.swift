import HTTPClient
import Platform

/// The credentials of an EC2 instance's role, from its metadata service (IMDSv2; version 1 where it is
/// all there is and not switched off).
struct InstanceCredentials: CredentialProvider {
  private static let tokenLifetime = "21600"
  /// Credentials that the service could not renew in time are good for longer than they say.
  static let stretch: Duration = .seconds(600)
  /// What ends as soon as this was not renewed in time.
  private static let overdue: Duration = .seconds(10 * 60)

  let context: CredentialContext

  func credentials() async throws -> AWSCredentials? {
    if isOn("AWS_EC2_METADATA_DISABLED", key: nil) { return nil }
    guard let headers = try await session() else { return nil }
    let folder = "\(base)/latest/meta-data/iam/security-credentials/"
    guard let list = try await get(folder, headers), list.status == 200,
      let role = String(decoding: list.body, as: UTF8.self).split(whereSeparator: \.isNewline).first
    else { return nil }
    guard let answer = try await get(folder + PercentEncoding.encode(role), headers),
      answer.status == 200,
      let found = MetadataExchange.read(answer.body, source: "instance role \(role)")
    else {
      throw Problem(
        "cannot get the instance's credentials", on: "role \(role)",
        because: "the metadata service names the role, but gives no access key for it",
        fix: "Check the instance profile and the role's trust in ec2.amazonaws.com.")
    }
    return extended(found)
  }

  /// The header fields of a session; nil when there is no service.
  private func session() async throws -> [HTTPHeader]? {
    let answer: HTTPAnswer
    do {
      answer = try await exchange.send(
        "PUT", "\(base)/latest/api/token",
        [HTTPHeader("x-aws-ec2-metadata-token-ttl-seconds", Self.tokenLifetime)])
    } catch is TransportError {
      return nil
    }
    if answer.status == 200 {
      let token = String(decoding: answer.body, as: UTF8.self).trimmingWhitespace()
      guard !token.contains(where: \.isNewline) else { return nil }
      return [HTTPHeader("x-aws-ec2-metadata-token", token)]
    }
    let isOld = [403, 404, 405].contains(answer.status)
    return isOld && !isOn("AWS_EC2_METADATA_V1_DISABLED", key: "ec2_metadata_v1_disabled")
      ? [] : nil
  }

  private func get(_ url: String, _ headers: [HTTPHeader]) async throws -> HTTPAnswer? {
    do {
      return try await exchange.send("GET", url, headers)
    } catch is TransportError {
      return nil
    }
  }

  /// The service keeps serving old credentials when its own source is down (static stability): they
  /// are used on, and asked for again a little later.
  private func extended(_ found: AWSCredentials) -> AWSCredentials {
    let now = context.time.now().wall
    guard let expiration = found.expiration, expiration <= now + Self.overdue else {
      return found
    }
    let jitter = Duration.seconds(Int64(context.random.unitInterval() * 300))
    return AWSCredentials(
      accessKeyID: found.accessKeyID, secretAccessKey: found.secretAccessKey,
      sessionToken: found.sessionToken,
      expiration: now + CredentialCache.advisory + Self.stretch + jitter,
      source: "\(found.source), past its time")
  }

  private var exchange: MetadataExchange {
    let environment = context.settings.environment
    let seconds = environment["AWS_METADATA_SERVICE_TIMEOUT"].flatMap { Int($0) } ?? 1
    let attempts = environment["AWS_METADATA_SERVICE_NUM_ATTEMPTS"].flatMap { Int($0) } ?? 1
    return MetadataExchange(
      context: context, timeout: .seconds(min(max(seconds, 1), 60)),
      attempts: min(max(attempts, 1), 10))
  }

  private var base: String {
    let settings = context.settings
    let configured =
      settings.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"].nonEmpty
      ?? settings.value("ec2_metadata_service_endpoint")
    if let configured {
      return configured.hasSuffix("/") ? String(configured.dropLast()) : configured
    }
    let mode =
      settings.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"].nonEmpty
      ?? settings.value("ec2_metadata_service_endpoint_mode")
    return mode?.lowercased() == "ipv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
  }

  private func isOn(_ variable: String, key: String?) -> Bool {
    let value =
      context.settings.environment[variable].nonEmpty ?? key.flatMap(context.settings.value)
    return value?.lowercased() == "true"
  }
}
