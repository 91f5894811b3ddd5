import Dispatch

/// An HTTP client on libcurl's multi interface: any number of requests at once, one thread.
///
/// Connections are kept and reused. Proxies come from the environment (`HTTPS_PROXY`, `HTTP_PROXY`,
/// `NO_PROXY`), as libcurl reads it; see ``ProxyEnvironment``. A cancelled task's transfer is ended at once.
public final class HTTPClient: Sendable {
  private let loop: TransferLoop
  private let proxies = ProxyEnvironment()

  /// Creates a client.
  ///
  /// - Parameter authorities: a PEM file of certificate authorities to trust in place of the
  ///   system's.
  public init(authorities: String? = nil) {
    loop = TransferLoop(authorities: authorities)
    let loop = loop
    DispatchQueue(label: "http-client").async { @Sendable in loop.run() }
  }

  deinit { loop.stop() }

  /// Performs one exchange.
  ///
  /// - Throws: ``TransportError`` when no complete answer came; `CancellationError`.
  public func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
    try await perform(request) { .whole($0) }
  }

  /// Performs one exchange and hands the body on as it comes, without a copy and without keeping it.
  ///
  /// - Parameter receiver: takes the body of an answer of a status in the two hundreds; the body of any
  ///   other stands in the answer. It runs on the thread that serves every transfer: it must be quick
  ///   and never wait.
  /// - Throws: ``TransportError`` when no complete answer came; `CancellationError`.
  public func send(
    _ request: HTTPRequest, handingBodyTo receiver: @escaping BodyReceiver
  ) async throws -> HTTPAnswer {
    try await perform(request) { .handed(receiver, $0) }
  }

  private func perform(
    _ request: HTTPRequest,
    receiver: (CheckedContinuation<Outcome, Never>) -> Submission.Receiver
  ) async throws -> HTTPAnswer {
    let identifier = loop.nextIdentifier()
    let result = try await withTaskCancellationHandler {
      try Task.checkCancellation()
      return await withCheckedContinuation { continuation in
        loop.submit(
          Submission(
            identifier: identifier, request: request, receiver: receiver(continuation),
            proxies: proxies))
        // A cancellation that came before the submission found nothing to cancel: say it again.
        if Task.isCancelled { loop.cancel(identifier) }
      }
    } onCancel: {
      loop.cancel(identifier)
    }
    let answer = try result.get()
    return HTTPAnswer(status: answer.status, headers: answer.head.fields, body: answer.body)
  }

  /// Performs one exchange and returns as soon as the head of the answer is there; the body is read
  /// as it arrives.
  ///
  /// - Throws: ``TransportError`` when no answer came; `CancellationError`.
  public func stream(_ request: HTTPRequest) async throws -> HTTPStreamedAnswer {
    let identifier = loop.nextIdentifier()
    let loop = loop
    let buffer = StreamBuffer { loop.resume(identifier) }
    let body = HTTPBodyStream(buffer) { loop.cancel(identifier) }
    let head = try await withTaskCancellationHandler {
      try Task.checkCancellation()
      loop.submit(
        Submission(
          identifier: identifier, request: request, receiver: .stream(buffer), proxies: proxies))
      if Task.isCancelled { loop.cancel(identifier) }
      return try await buffer.head()
    } onCancel: {
      loop.cancel(identifier)
    }
    return HTTPStreamedAnswer(status: head.status, headers: head.headers, body: body)
  }
}
