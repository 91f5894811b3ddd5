import Dispatch
import Platform

/// An HTTP client on libcurl's multi interface: any number of requests at once, one thread or a few.
///
/// Connections are kept and reused. Proxies come from the environment (`HTTPS_PROXY`, `HTTP_PROXY`,
/// `NO_PROXY`), as libcurl reads it; see ``ProxyEnvironment``. A cancelled task's transfer is ended at once.
public final class HTTPClient: Sendable {
  /// How many threads are of use here: one for each processor, up to four.
  public static var usefulThreads: Int { min(4, Processors.count) }

  private let loops: [TransferLoop]
  private let proxies = ProxyEnvironment()

  /// Creates a client.
  ///
  /// - Parameters:
  ///   - authorities: a PEM file of certificate authorities to trust in place of the system's.
  ///   - threads: how many threads carry transfers. All but the first serve only tasks that run on
  ///     them; see ``executors``.
  public init(authorities: String? = nil, threads: Int = 1) {
    loops = (0..<max(1, threads)).map { _ in TransferLoop(authorities: authorities) }
    for loop in loops {
      DispatchQueue(label: "http-client").async { @Sendable in loop.run() }
    }
  }

  deinit { for loop in loops { loop.stop() } }

  /// The threads that carry transfers, to run tasks on.
  ///
  /// What a task sends there is carried by the thread that it runs on: from the last byte of an answer to
  /// whoever reads it no other thread has to be woken. In return such a task must never block, for
  /// transfers wait while it runs.
  public var executors: [any TaskExecutor] { loops }

  /// The caller's thread if it is one of them.
  private var loop: TransferLoop { loops.first { $0.isCurrent } ?? loops[0] }

  /// Performs one exchange.
  ///
  /// - Throws: ``TransportError`` when no complete answer came; `CancellationError`.
  public nonisolated(nonsending) func send(_ request: HTTPRequest) async throws -> HTTPAnswer {
    try await perform(request) { .whole($0) }
  }

  /// Performs one exchange and hands the body on as it comes, without a copy and without keeping it.
  ///
  /// - Parameter receiver: takes the body of an answer of a status in the two hundreds; the body of any
  ///   other stands in the answer. It runs on the thread that carries the transfer: it must be quick
  ///   and never wait.
  /// - Throws: ``TransportError`` when no complete answer came; `CancellationError`.
  public nonisolated(nonsending) func send(
    _ request: HTTPRequest, handingBodyTo receiver: @escaping BodyReceiver
  ) async throws -> HTTPAnswer {
    try await perform(request) { .handed(receiver, $0) }
  }

  private nonisolated(nonsending) func perform(
    _ request: HTTPRequest,
    receiver: (CheckedContinuation<Outcome, Never>) -> Submission.Receiver
  ) async throws -> HTTPAnswer {
    let loop = loop
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
    return HTTPAnswer(try result.get())
  }

  /// Performs one exchange and returns as soon as the head of the answer is there; the body is read
  /// as it arrives.
  ///
  /// - Throws: ``TransportError`` when no answer came; `CancellationError`.
  public func stream(_ request: HTTPRequest) async throws -> HTTPStreamedAnswer {
    let loop = loop
    let identifier = loop.nextIdentifier()
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
