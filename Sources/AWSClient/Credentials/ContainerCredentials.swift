import HTTPClient
import Platform

/// The credentials of a container's role: ECS tasks and EKS Pod Identity
/// (`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, `AWS_CONTAINER_CREDENTIALS_FULL_URI`).
struct ContainerCredentials: CredentialProvider {
  static let timeout: Duration = .seconds(2)
  static let attempts = 3
  static let longestToken = 64 << 10
  /// Plain HTTP is for these alone: the agents of ECS and of EKS Pod Identity.
  private static let agents: Set<String> = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

  let context: CredentialContext

  func credentials() async throws -> AWSCredentials? {
    let environment = context.settings.environment
    let relative = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"].nonEmpty
    let full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"].nonEmpty
    guard let url = relative.map({ "http://169.254.170.2\($0)" }) ?? full else { return nil }
    if relative == nil, !Self.isAllowed(url) {
      throw problem(
        url, "it is plain HTTP to a host that is neither this machine nor an agent of AWS",
        fix: "Use https, a loopback address, or the address of the agent.")
    }
    var headers = [HTTPHeader("Accept", "application/json")]
    if let token = try token(environment) {
      headers.append(HTTPHeader("Authorization", token.reveal()))
    }
    let exchange = MetadataExchange(
      context: context, timeout: Self.timeout, attempts: Self.attempts)
    let answer: HTTPAnswer
    do {
      answer = try await exchange.send("GET", url, headers)
    } catch let error as TransportError {
      throw problem(url, error.detail, fix: "Check that the container's agent runs.")
    }
    guard answer.status == 200 else {
      throw problem(
        url, "it answers with HTTP \(answer.status)", fix: "Check the role of the task or pod.")
    }
    guard let found = MetadataExchange.read(answer.body, source: "container role") else {
      throw problem(url, "its answer has no access key", fix: "Check the role of the task or pod.")
    }
    return found
  }

  /// The file is read each time, since its token is replaced.
  private func token(_ environment: [String: String]) throws -> Secret<String>? {
    var token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"].nonEmpty
    if let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"].nonEmpty {
      token = String(
        decoding: try DurableFile.read(path, limit: Self.longestToken), as: UTF8.self
      ).trimmingWhitespace()
    }
    // A line break would begin another header field.
    guard let token else { return nil }
    guard !token.contains(where: \.isNewline) else {
      throw problem(
        "its authorization token", "it has more than one line", fix: "Mend the token or its file.")
    }
    return Secret(token)
  }

  static func isAllowed(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    guard url.hasPrefix("http://") else { return false }
    let host = RequestAddress(url).host
    return agents.contains(host) || host == "localhost" || host == "[::1]"
      || isLoopback(host)
  }

  /// An address of the block 127.0.0.0/8, in whole: a name may begin with digits too.
  private static func isLoopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && parts.allSatisfy { $0 != nil }
  }

  private func problem(_ place: String, _ reason: String, fix: String) -> Problem {
    Problem("cannot get the container's credentials", on: place, because: reason, fix: fix)
  }
}
