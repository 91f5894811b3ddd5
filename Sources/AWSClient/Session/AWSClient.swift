public import HTTPClient
public import Platform
import Synchronization

/// Sends typed requests to AWS: finds the endpoint, signs, retries what is safe to retry.
///
/// A request that changes something is sent again only when the failure proves that it had no
/// effect (throttled, or never sent). Any other failure is handed up with
/// ``AWSError/mayHaveTakenEffect`` set, since none of the RDS calls takes an idempotency token.
public final class AWSClient: Sendable {
  private let settings: AWSSettings
  private let http: HTTPClient
  private let provider: any CredentialProvider
  private let time: any TimeSource
  private let random: any RandomSource
  private let userAgent: String
  private let state = Mutex(State())

  private struct State {
    var credentials: AWSCredentials?
    var offset: Duration = .zero
    var gates: [String: CallGate] = [:]
  }

  /// The bound on one exchange.
  public static let exchangeTimeout: Duration = .seconds(30)

  /// Creates a client; nothing is read or called until the first request.
  public init(
    settings: AWSSettings, http: HTTPClient, credentials: any CredentialProvider,
    time: any TimeSource, random: any RandomSource, version: String
  ) {
    self.settings = settings
    self.http = http
    self.provider = credentials
    self.time = time
    self.random = random
    userAgent = "mosaic-dr/\(version) ua/2.1 os/linux lang/swift"
  }

  /// How far AWS's clock is ahead of this machine's, by the `Date` of its latest answer; precise
  /// to about a second.
  public var clockOffset: Duration { state.withLock { $0.offset } }

  /// Sends `request` to `region` and returns the typed answer.
  ///
  /// - Parameter log: where the call is noted as evidence.
  /// - Throws: ``AWSError``; `Problem` for missing credentials; `CancellationError`.
  public func send<Request: AWSRequest>(
    _ request: Request, region: String, log: CallLog?
  ) async throws -> Request.Answer {
    let started = time.now()
    let gate = gate(to: Request.service, in: region)
    var attempt = 0
    while true {
      attempt += 1
      let exchange = try await gate.pass { [attempt] in
        try await self.exchange(request, region: region, attempt: attempt)
      }
      let error = exchange.error(of: request, region: region, attempts: attempt)
      gate.note(wasThrottled: error?.code.map(RetryRules.isThrottling) ?? false)
      if let error, attempt < settings.maximumAttempts,
        let delay = retryDelay(error, attempt)
      {
        try await time.sleep(for: delay)
        continue
      }
      let nanoseconds = time.now().sinceBoot - started.sinceBoot
      log?.append(
        CallRecord(
          call: Request.iamAction, region: region, requestID: exchange.requestID,
          status: exchange.status, errorCode: error?.code, attempts: attempt,
          startedAt: started.wall, milliseconds: nanoseconds / 1_000_000))
      if let error { throw error }
      return try exchange.answer(to: request, region: region, attempts: attempt)
    }
  }

  private func gate(to service: AWSService, in region: String) -> CallGate {
    let name = "\(service.endpointPrefix).\(region)"
    return state.withLock { state in
      if let known = state.gates[name] { return known }
      let made = CallGate(time: time)
      state.gates[name] = made
      return made
    }
  }

  private func exchange<Request: AWSRequest>(
    _ request: Request, region: String, attempt: Int
  ) async throws -> Exchange {
    let credentials = try await currentCredentials()
    let wire = HTTPRequest(
      method: "POST", url: settings.endpoint(of: Request.service, in: region),
      headers: [
        HTTPHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        HTTPHeader("User-Agent", userAgent),
        HTTPHeader("amz-sdk-request", "attempt=\(attempt); max=\(settings.maximumAttempts)"),
      ],
      body: request.parameters.formBody(
        action: Request.action, version: Request.service.queryVersion),
      timeout: Self.exchangeTimeout, mayBeRepeated: Request.effect == .reads)
    let signer = RequestSigner(
      credentials: credentials, region: region, service: Request.service.endpointPrefix)
    let sent = time.now()
    let signed = signer.sign(wire, at: sent.wall + clockOffset)
    do {
      let answer = try await http.send(signed)
      noteClock(of: answer, sent: sent)
      return Exchange(answer)
    } catch let error as TransportError {
      return Exchange(error)
    }
  }

  /// Nil when the call must not be made again.
  private func retryDelay(_ error: AWSError, _ attempt: Int) -> Duration? {
    if error.isExpiredToken, attempt == 1 {
      state.withLock { $0.credentials = nil }
      return .zero
    }
    if let code = error.code, RetryRules.looksLikeClockSkew(code, offset: clockOffset),
      attempt == 1
    {
      return .zero
    }
    guard error.isTransient, !error.mayHaveTakenEffect else { return nil }
    return RetryRules.delay(afterAttempt: attempt, random: random)
  }

  private func currentCredentials() async throws -> AWSCredentials {
    let refreshBefore: Duration = .seconds(600)
    let now = time.now().wall
    if let known = state.withLock({ $0.credentials }),
      known.expiration.map({ $0 - now > refreshBefore }) ?? true
    {
      return known
    }
    guard let found = try await provider.credentials() else {
      throw Problem(
        "no AWS credentials",
        because: "neither the environment nor \(settings.credentialsPath) has an access key",
        fix: "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    }
    state.withLock { $0.credentials = found }
    return found
  }

  private func noteClock(of answer: HTTPAnswer, sent: ClockReading) {
    let received = time.now()
    guard answer.headers.value(of: "Age") == nil,
      received.sinceBoot - sent.sinceBoot < 60_000_000_000,
      let date = answer.headers.value(of: "Date").flatMap(HTTPDate.read)
    else { return }
    let half = Duration.nanoseconds((received.sinceBoot - sent.sinceBoot) / 2)
    let offset = date - (sent.wall + half)
    // The header counts whole seconds: a smaller difference is no difference.
    state.withLock { $0.offset = abs(offset.wholeMilliseconds) < 1_500 ? .zero : offset }
  }
}
