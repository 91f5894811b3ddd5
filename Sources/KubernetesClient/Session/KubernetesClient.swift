public import HTTPClient
public import Platform
public import StrictJSON
import Synchronization

/// Talks to one API server as kubectl does: logs in, retries what is safe to retry, reads lists in
/// pages, watches.
public final class KubernetesClient: Sendable {
  /// The bound on one exchange.
  public static let exchangeTimeout: Duration = .seconds(30)
  /// How often one request is tried.
  public static let maximumAttempts = 6
  /// The longest pause between two tries, also when the server asks for more.
  public static let longestPause: Duration = .seconds(30)
  /// The largest answer accepted.
  static let maximumAnswerSize = 64 << 20

  /// How the server is reached.
  public let connection: KubernetesConnection
  let http: HTTPClient
  let time: any TimeSource
  private let random: any RandomSource
  private let credentials: CredentialSource
  private let userAgent: String

  /// Creates a client; nothing is read or called until the first request.
  public init(
    _ connection: KubernetesConnection, http: HTTPClient, environment: [String: String],
    time: any TimeSource, random: any RandomSource, version: String
  ) {
    self.connection = connection
    self.http = http
    self.time = time
    self.random = random
    credentials = CredentialSource(connection, environment: environment, time: time)
    userAgent = "mosaic-dr/\(version)"
  }

  /// The context and the server, for messages.
  var place: String { "context \(connection.context), \(connection.server)" }

  /// Sends a request and returns the object that comes of it.
  ///
  /// Reads are repeated when no answer comes. A request that changes something is repeated only when
  /// the server says that it did nothing (429), or when doing it twice is the same as once.
  ///
  /// - Throws: ``KubernetesError``; what getting credentials throws; `CancellationError`.
  public func send(
    _ request: KubernetesRequest, log: KubernetesCallLog? = nil
  ) async throws -> JSONValue {
    let answer = try await answer(to: request, log: log)
    do {
      return try JSONValue(parsing: answer.body)
    } catch {
      throw KubernetesError(
        call: request.shown, place: place, cause: .unreadable("the answer: \(error.description)"),
        retryAfter: nil, mayHaveTakenEffect: !request.mayBeRepeated)
    }
  }

  /// Reads something that is no object: `/version`, `/readyz`.
  public func read(path: String, log: KubernetesCallLog? = nil) async throws -> [UInt8] {
    let request = KubernetesRequest(.get, KubernetesResource(path), nil, in: nil)
    return try await answer(to: request, path: path, log: log).body
  }

  private func answer(
    to request: KubernetesRequest, path: String? = nil, log: KubernetesCallLog?
  ) async throws -> HTTPAnswer {
    let started = time.now().wall
    var attempt = 0
    var hasRenewed = false
    while true {
      attempt += 1
      let used = try await credentials.credential()
      let result = await exchange(request, path ?? request.target, used)
      let error: KubernetesError
      switch result {
      case .success(let answer):
        note(request, path, answer, attempt, started, log)
        guard let refusal = refusal(answer, request) else { return answer }
        error = refusal
      case .failure(let failure):
        guard let failure = failure as? KubernetesError else { throw failure }
        note(request, path, nil, attempt, started, log)
        error = failure
      }
      // It may expire in the middle of a request that has to be sent again.
      if error.status == 401, !hasRenewed, await credentials.refused(used) {
        hasRenewed = true
        continue
      }
      guard attempt < Self.maximumAttempts, let pause = pause(error, request, attempt) else {
        throw error
      }
      try await time.sleep(for: pause)
    }
  }

  private func exchange(
    _ request: KubernetesRequest, _ target: String, _ credential: Credential
  ) async -> Result<HTTPAnswer, any Error> {
    do {
      let wire = try wire(request, target, credential)
      return .success(try await http.send(wire))
    } catch let error as TransportError {
      return .failure(
        KubernetesError(
          call: request.shown, place: place, cause: .noAnswer(error), retryAfter: nil,
          mayHaveTakenEffect: error.mayHaveArrived && !request.mayBeRepeated))
    } catch { return .failure(error) }
  }

  /// The request as it goes over the wire. Credentials never go over a connection in the clear.
  func wire(
    _ request: KubernetesRequest, _ target: String, _ credential: Credential
  ) throws -> HTTPRequest {
    var server = connection.server[...]
    while server.hasSuffix("/") { server = server.dropLast() }
    var headers = [
      HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", userAgent),
    ]
    if let type = request.contentType { headers.append(HTTPHeader("Content-Type", type)) }
    let isEncrypted = server.hasPrefix("https://")
    if isEncrypted, let token = credential.token {
      headers.append(HTTPHeader("Authorization", "Bearer \(token.reveal())"))
    }
    headers += connection.impersonation?.headers ?? []
    var wire = HTTPRequest(
      method: request.method, url: server + target, headers: headers,
      body: try request.body?.canonicalBytes() ?? [], timeout: Self.exchangeTimeout,
      connectTimeout: .seconds(10), maximumAnswerSize: Self.maximumAnswerSize,
      mayBeRepeated: request.mayBeRepeated)
    wire.transport = TransportOptions(
      authorities: try connection.authority?.bytes(),
      identity: isEncrypted ? credential.certificate : nil, serverName: connection.tlsServerName,
      proxy: connection.proxy, isUnverified: connection.isInsecure)
    return wire
  }

  /// The credential to use now, for exchanges that are not made here.
  func credential() async throws -> Credential { try await credentials.credential() }

  /// Forgets a refused credential; whether another try makes sense.
  func refused(_ credential: Credential) async -> Bool { await credentials.refused(credential) }

  func refusal(_ answer: HTTPAnswer, _ request: KubernetesRequest) -> KubernetesError? {
    guard !(200...299).contains(answer.status) else { return nil }
    let cause = KubernetesError.cause(of: answer)
    return KubernetesError(
      call: request.shown, place: place, cause: cause,
      retryAfter: KubernetesError.retryAfter(answer),
      mayHaveTakenEffect: answer.status >= 500 && !request.mayBeRepeated)
  }

  /// How long to wait before the request is sent again; nil when it must not be.
  private func pause(
    _ error: KubernetesError, _ request: KubernetesRequest, _ attempt: Int
  ) -> Duration? {
    // A conflict is the caller's to solve: it has to look again first.
    guard error.isTransient, !error.isConflict, !error.mayHaveTakenEffect else { return nil }
    if let asked = error.retryAfter { return min(max(asked, .seconds(1)), Self.longestPause) }
    let grown = min(Duration.milliseconds(200 << (attempt - 1)), Self.longestPause)
    return grown * (0.5 + 0.5 * random.unitInterval())
  }

  private func note(
    _ request: KubernetesRequest, _ path: String?, _ answer: HTTPAnswer?, _ attempts: Int,
    _ started: Timestamp, _ log: KubernetesCallLog?
  ) {
    log?.append(
      KubernetesCall(
        call: path.map { "get \($0)" } ?? request.shown, context: connection.context,
        auditID: answer?.headers.value(of: "Audit-Id"), status: answer?.status,
        attempts: attempts, startedAt: started))
  }
}

extension Impersonation {
  /// Kubernetes documentation, "User impersonation".
  var headers: [HTTPHeader] {
    [HTTPHeader("Impersonate-User", user)]
      + (uid.map { [HTTPHeader("Impersonate-Uid", $0)] } ?? [])
      + groups.map { HTTPHeader("Impersonate-Group", $0) }
      + extra.sorted { $0.key < $1.key }.flatMap { key, values in
        values.map { HTTPHeader("Impersonate-Extra-\(key)", $0) }
      }
  }
}
