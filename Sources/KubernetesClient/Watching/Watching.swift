import HTTPClient
import Platform
import StrictJSON

/// How a watch ended.
enum WatchEnd: Sendable {
  /// The reader had enough.
  case enough
  /// The server closed it, as it does after the time asked for, or the connection broke; it goes on
  /// from the last moment seen.
  case closed
  /// The server has forgotten the moment: everything must be listed again.
  case expired
}

extension KubernetesClient {
  /// How long after its asked end a watch that the server does not end is given up.
  static let watchGrace: Duration = .seconds(10)

  /// Watches objects from `version` on, for at most `time`; `version` moves with every event.
  ///
  /// - Parameter take: is given each event but bookmarks and errors; returns false to end the watch.
  /// - Throws: ``KubernetesError`` when the server refuses; `CancellationError`.
  func watch(
    _ resource: KubernetesResource, in namespace: String?, _ selector: ObjectSelector,
    from version: inout String, for time: Duration, log: KubernetesCallLog?,
    _ take: (WatchEvent) -> Bool
  ) async throws -> WatchEnd {
    let seconds = max(1, time.wholeMilliseconds / 1_000)
    let request = KubernetesRequest(
      .watch, resource, nil, in: namespace,
      query: [
        ("watch", "1"), ("resourceVersion", version), ("allowWatchBookmarks", "true"),
        ("timeoutSeconds", "\(seconds)"),
      ] + selector.query)
    var credential = try await credential()
    var stream = try await open(request, credential, .seconds(seconds))
    if stream?.status == 401, await refused(credential) {
      credential = try await self.credential()
      stream = try await open(request, credential, .seconds(seconds))
    }
    guard let stream else { return .closed }
    log?.append(
      KubernetesCall(
        call: request.shown, context: connection.context,
        auditID: stream.headers.value(of: "Audit-Id"), status: stream.status, attempts: 1,
        startedAt: self.time.now().wall))
    guard stream.status == 200 else { return try await end(of: stream, request) }
    return try await read(stream.body, request, &version, take)
  }

  /// Nil when no answer comes.
  private func open(
    _ request: KubernetesRequest, _ credential: Credential, _ time: Duration
  ) async throws -> HTTPStreamedAnswer? {
    var wire = try wire(request, request.target, credential)
    wire.timeout = time + Self.watchGrace
    do { return try await http.stream(wire) } catch is TransportError { return nil }
  }

  private func read(
    _ body: HTTPBodyStream, _ request: KubernetesRequest, _ version: inout String,
    _ take: (WatchEvent) -> Bool
  ) async throws -> WatchEnd {
    var decoder = WatchDecoder()
    do {
      for try await piece in body {
        for event in try decoder.take(piece) {
          if case .error(let status) = event { return try end(of: status, request) }
          version = event.resourceVersion ?? version
          if case .bookmark = event { continue }
          if !take(event) { return .enough }
        }
      }
    } catch is TransportError {
      return .closed
    } catch let error as Problem {
      throw KubernetesError(
        call: request.shown, place: place, cause: .unreadable(error.description), retryAfter: nil,
        mayHaveTakenEffect: false)
    }
    return .closed
  }

  private func end(
    of stream: HTTPStreamedAnswer, _ request: KubernetesRequest
  ) async throws -> WatchEnd {
    if stream.status == 410 { return .expired }
    let answer = HTTPAnswer(
      status: stream.status, headers: stream.headers,
      body: (try? await stream.body.collect(upTo: 65_536)) ?? [])
    if let error = refusal(answer, request) {
      guard error.isTransient else { throw error }
      try await time.sleep(
        for: min(error.retryAfter ?? .seconds(1), KubernetesClient.longestPause))
    }
    return .closed
  }

  private func end(of status: JSONValue, _ request: KubernetesRequest) throws -> WatchEnd {
    if status["code"]?.integerValue == 410 || status["reason"] == "Expired" { return .expired }
    let error = KubernetesError(
      call: request.shown, place: place, cause: KubernetesError.cause(of: status, status: 500),
      retryAfter: nil, mayHaveTakenEffect: false)
    if !error.isTransient { throw error }
    return .closed
  }
}
