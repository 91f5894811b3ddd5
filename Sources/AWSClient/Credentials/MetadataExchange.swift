import HTTPClient
import Platform
import StrictJSON

/// Exchanges with the services that give credentials to a container or an instance: near, never
/// through a proxy, and not there at all elsewhere.
struct MetadataExchange {
  static let maximumAnswer = 1 << 20

  let context: CredentialContext
  let timeout: Duration
  let attempts: Int

  /// The answer; the last failure when none came.
  ///
  /// - Throws: `TransportError`, `CancellationError`.
  func send(
    _ method: String, _ url: String, _ headers: [HTTPHeader]
  ) async throws -> HTTPAnswer {
    var attempt = 0
    while true {
      attempt += 1
      var request = HTTPRequest(
        method: method, url: url, headers: headers, timeout: timeout, connectTimeout: timeout,
        maximumAnswerSize: Self.maximumAnswer, mayBeRepeated: true)
      // An empty name turns proxies off.
      request.transport.proxy = ""
      do {
        let answer = try await context.http.send(request)
        if answer.status / 100 != 5 || attempt >= attempts { return answer }
      } catch let error as TransportError {
        if attempt >= attempts { throw error }
      }
      try await context.time.sleep(
        for: RetryRules.delay(afterAttempt: attempt, random: context.random))
    }
  }

  /// Credentials in the form that both services give them.
  static func read(_ body: [UInt8], source: String) -> AWSCredentials? {
    guard let answer = try? JSONValue(parsing: body), let key = answer.string("AccessKeyId"),
      let secret = answer.string("SecretAccessKey")
    else { return nil }
    return AWSCredentials(
      accessKeyID: key, secretAccessKey: Secret(secret),
      sessionToken: answer.string("Token").map { Secret($0) },
      expiration: answer.moment("Expiration"), source: source)
  }
}
