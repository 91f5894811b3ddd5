public import HTTPClient
public import Platform
import Synchronization

/// Sends typed requests to AWS: finds the endpoint, signs, retries what is safe to retry.
///
/// A request that changes something is sent again only when it carries an idempotency token, or when
/// the failure proves that it had no effect (throttled, or never sent). Any other failure is handed up
/// with ``AWSError/mayHaveTakenEffect`` set.
public final class AWSClient: Sendable {
  /// What the environment and the config file say.
  public let settings: AWSSettings
  /// What requests are exchanged with, also by callers that sign them with ``signed(_:for:in:)``.
  public let http: HTTPClient
  private let credentials: CredentialCache
  private let time: any TimeSource
  private let random: any RandomSource
  private let userAgent: String
  /// A region that every call is refused to, as if it were gone.
  public let lostRegion: String?
  private let signingMemory = SigningMemory()
  private let latestDate = Latest<String, Timestamp?>()
  private let state = Mutex(State())

  private struct State {
    var offset: Duration = .zero
    var gates: [String: CallGate] = [:]
    var quota = RetryQuota()
  }

  private let bounds: ExchangeBounds

  /// Creates a client; nothing is read or called until the first request.
  ///
  /// - Parameters:
  ///   - lostRegion: a region that every call is refused to, as if it were gone.
  ///   - bounds: how long one exchange may take.
  public init(
    settings: AWSSettings, http: HTTPClient, credentials: any CredentialProvider,
    time: any TimeSource, random: any RandomSource, version: String, lostRegion: String? = nil,
    bounds: ExchangeBounds = ExchangeBounds()
  ) {
    self.settings = settings
    self.http = http
    self.credentials = CredentialCache(
      credentials, time: time, missing: settings.missingCredentials)
    self.time = time
    self.random = random
    self.lostRegion = lostRegion
    self.bounds = bounds
    let application = settings.applicationID.map { " app/\($0)" } ?? ""
    userAgent = "mosaic-dr/\(version) ua/2.1 os/linux lang/swift\(application)"
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
    try refuseIfLost(request, region)
    let invocation = random.invocationID()
    let started = time.now()
    let gate = gate(to: Request.service, in: region)
    var attempt = 0
    var spent = 0
    while true {
      attempt += 1
      let call = Call(request: request, region: region, attempt: attempt)
      let exchange = try await gate.pass { try await self.exchange(call, invocation) }
      let error = exchange.error
      gate.note(wasThrottled: error?.code.map(RetryRules.isThrottling) ?? false)
      if let error, attempt < settings.maximumAttempts,
        let delay = retryDelay(error, attempt, &spent)
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
      if error == nil { state.withLock { [spent] in $0.quota.refund(spent) } }
      return try exchange.result.get()
    }
  }

  /// Signs a request for `service` in `region`, for callers that exchange it by themselves: listings at
  /// full speed, bodies that are streamed. S3's bodies may be left unsigned with the header field
  /// `x-amz-content-sha256: UNSIGNED-PAYLOAD`.
  ///
  /// - Throws: `Problem` for missing credentials; ``AWSError`` when the region is declared lost.
  public nonisolated(nonsending) func signed(
    _ request: HTTPRequest, for service: AWSService, in region: String
  ) async throws -> HTTPRequest {
    try refuseIfLost(call: "\(service.iamPrefix):*", service, region)
    var request = request
    request.headers.append(HTTPHeader("User-Agent", userAgent))
    let signer = RequestSigner(
      credentials: try await credentials.current(),
      region: settings.signingRegion(of: service, in: region), service: service,
      memory: signingMemory)
    return signer.sign(request, at: time.now().wall + clockOffset)
  }

  /// A URL that carries its signature, so that whoever has it can make that one request.
  ///
  /// - Parameter expires: for how long it is good, from a second to seven days; credentials that expire
  ///   sooner end it sooner.
  /// - Throws: `Problem` for missing credentials.
  public func presigned(
    _ request: HTTPRequest, for service: AWSService, in region: String, expires: Duration
  ) async throws -> String {
    let signer = RequestSigner(
      credentials: try await credentials.current(),
      region: settings.signingRegion(of: service, in: region), service: service)
    return signer.presign(request, at: time.now().wall + clockOffset, expires: expires)
  }

  /// Notes what an answer to a request signed with ``signed(_:for:in:)`` says of AWS's clock.
  public func noteClock(of answer: HTTPAnswer, sent: ClockReading) {
    let received = time.now()
    guard answer.value(of: "Age") == nil,
      received.sinceBoot - sent.sinceBoot < 60_000_000_000,
      let date = answer.value(of: "Date").flatMap({ latestDate.product(of: $0, HTTPDate.read) })
    else { return }
    let half = Duration.nanoseconds((received.sinceBoot - sent.sinceBoot) / 2)
    let offset = date - (sent.wall + half)
    // The header counts whole seconds: a smaller difference is no difference.
    state.withLock { $0.offset = abs(offset.wholeMilliseconds) < 1_500 ? .zero : offset }
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
    _ call: Call<Request>, _ invocation: String
  ) async throws -> Exchange<Request.Answer> {
    let service = Request.service
    let message = try call.request.message()
    var wire = HTTPRequest(
      method: message.method, url: settings.url(of: message, to: service, in: call.region),
      headers: message.headers + [
        HTTPHeader("amz-sdk-invocation-id", invocation),
        HTTPHeader("amz-sdk-request", "attempt=\(call.attempt); max=\(settings.maximumAttempts)"),
      ],
      body: message.body, timeout: Request.takesLong ? bounds.longCall : bounds.whole,
      maximumAnswerSize: message.maximumAnswerSize, mayBeRepeated: call.request.mayBeRepeated)
    if Request.takesLong { wire.idleTimeout = bounds.silence }
    let sent = time.now()
    if Request.isSigned {
      wire = try await signed(wire, for: service, in: call.region)
    } else {
      wire.headers.append(HTTPHeader("User-Agent", userAgent))
    }
    do {
      let answer = try await http.send(wire)
      // What takes long is dated when it begins, which may be any moment of that time.
      if !Request.takesLong { noteClock(of: answer, sent: sent) }
      return Exchange(answer, to: call)
    } catch let error as TransportError {
      return Exchange(error, to: call)
    }
  }

  /// Nil when the call must not be made again.
  private func retryDelay(_ error: AWSError, _ attempt: Int, _ spent: inout Int) -> Duration? {
    if error.isExpiredToken, attempt == 1 {
      credentials.forget()
      return .zero
    }
    if let code = error.code, RetryRules.looksLikeClockSkew(code, offset: clockOffset),
      attempt == 1
    {
      return .zero
    }
    guard error.isTransient, !error.mayHaveTakenEffect,
      let cost = state.withLock({ $0.quota.take(for: error) })
    else { return nil }
    spent = cost
    let delay = RetryRules.delay(afterAttempt: attempt, random: random)
    return max(delay, error.retryAfter ?? .zero)
  }

  private func refuseIfLost<Request: AWSRequest>(_ request: Request, _ region: String) throws {
    try refuseIfLost(call: Request.iamAction, Request.service, region)
  }

  /// A service with one endpoint for all regions is lost with the region that the endpoint is in.
  private func refuseIfLost(
    call: @autoclosure () -> String, _ service: AWSService, _ region: String
  ) throws {
    guard let lostRegion else { return }
    let reached = settings.signingRegion(of: service, in: region)
    guard reached == lostRegion else { return }
    throw AWSError(
      call: call(), region: reached,
      cause: .notSent(
        why: "\(reached) is declared lost, so that nothing is asked of it",
        remedy: "Plan the recovery without this call, or run without --primary-lost."),
      requestID: nil, hostID: nil, retryAfter: nil, attempts: 0, mayHaveTakenEffect: false)
  }
}

extension RandomSource {
  /// A random UUID (RFC 9562, version 4).
  fileprivate func invocationID() -> String {
    let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    var parts: [Substring] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }
}
