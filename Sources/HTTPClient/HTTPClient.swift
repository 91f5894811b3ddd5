import CCurl
import Dispatch
import Synchronization

/// An HTTP client on libcurl's multi interface: any number of requests at once, one thread.
///
/// Connections are kept and reused. Proxies come from the environment (`HTTPS_PROXY`, `HTTP_PROXY`,
/// `NO_PROXY`), as libcurl reads it; see ``ProxyEnvironment``. A cancelled task's transfer is ended at once.
public final class HTTPClient: Sendable {
  private let loop: TransferLoop

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
            identifier: identifier, request: request, receiver: receiver(continuation)))
        // A cancellation that came before the submission found nothing to cancel: say it again.
        if Task.isCancelled { loop.cancel(identifier) }
      }
    } onCancel: {
      loop.cancel(identifier)
    }
    return try result.get()
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
      loop.submit(Submission(identifier: identifier, request: request, receiver: .stream(buffer)))
      if Task.isCancelled { loop.cancel(identifier) }
      return try await buffer.head()
    } onCancel: {
      loop.cancel(identifier)
    }
    return HTTPStreamedAnswer(status: head.status, headers: head.headers, body: body)
  }
}

/// What became of a submitted request.
typealias Outcome = Result<HTTPAnswer, any Error>

struct Submission {
  /// Who is told what came of it.
  enum Receiver {
    case whole(CheckedContinuation<Outcome, Never>)
    case stream(StreamBuffer)
    case handed(BodyReceiver, CheckedContinuation<Outcome, Never>)

    func end(_ outcome: Outcome) {
      switch self {
      case .whole(let continuation), .handed(_, let continuation):
        continuation.resume(returning: outcome)
      case .stream(let buffer): buffer.end(outcome.map { _ in })
      }
    }
  }

  let identifier: UInt64
  let request: HTTPRequest
  let receiver: Receiver
}

/// The thread that owns libcurl's multi handle. Other threads only fill the inbox and wake it.
final class TransferLoop: Sendable {
  private struct Inbox {
    var submissions: [Submission] = []
    var cancellations: [UInt64] = []
    var resumptions: [UInt64] = []
    var identifiers: UInt64 = 0
    var isStopping = false
  }

  /// curl_multi_wakeup is the one call on a multi handle that other threads may make.
  private struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer?
  }

  private static let libraryIsReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  private let inbox = Mutex(Inbox())
  private let multi: MultiHandle
  private let authorities: String?

  init(authorities: String?) {
    multi = MultiHandle(pointer: Self.libraryIsReady ? curl_multi_init() : nil)
    self.authorities = authorities
  }

  deinit { curl_multi_cleanup(multi.pointer) }

  func nextIdentifier() -> UInt64 {
    inbox.withLock { inbox in
      inbox.identifiers += 1
      return inbox.identifiers
    }
  }

  func submit(_ submission: Submission) {
    inbox.withLock { $0.submissions.append(submission) }
    curl_multi_wakeup(multi.pointer)
  }

  func cancel(_ identifier: UInt64) {
    inbox.withLock { $0.cancellations.append(identifier) }
    curl_multi_wakeup(multi.pointer)
  }

  /// Lets a paused transfer go on.
  func resume(_ identifier: UInt64) {
    inbox.withLock { $0.resumptions.append(identifier) }
    curl_multi_wakeup(multi.pointer)
  }

  func stop() {
    inbox.withLock { $0.isStopping = true }
    curl_multi_wakeup(multi.pointer)
  }

  /// Runs until ``stop()``; then every transfer still under way ends as cancelled.
  func run() {
    var running: [UInt64: (transfer: Transfer, receiver: Submission.Receiver)] = [:]
    var byHandle: [UnsafeMutableRawPointer: UInt64] = [:]

    func finish(_ identifier: UInt64, _ outcome: Outcome) {
      guard let entry = running.removeValue(forKey: identifier) else { return }
      byHandle[entry.transfer.easy] = nil
      curl_multi_remove_handle(multi.pointer, entry.transfer.easy)
      entry.receiver.end(outcome)
    }

    while true {
      let messages = takeInbox()
      for submission in messages.submissions {
        if messages.cancellations.contains(submission.identifier) || messages.isStopping {
          submission.receiver.end(.failure(CancellationError()))
        } else if let transfer = start(submission) {
          running[submission.identifier] = (transfer, submission.receiver)
          byHandle[transfer.easy] = submission.identifier
        } else {
          submission.receiver.end(.failure(outOfResources(submission)))
        }
      }
      for identifier in messages.cancellations {
        finish(identifier, .failure(CancellationError()))
      }
      if messages.isStopping {
        for identifier in Array(running.keys) { finish(identifier, .failure(CancellationError())) }
        return
      }
      for identifier in messages.resumptions { running[identifier]?.transfer.resume() }
      var stillRunning: Int32 = 0
      curl_multi_perform(multi.pointer, &stillRunning)
      for (handle, code) in takeFinished() {
        guard let identifier = byHandle[handle], let entry = running[identifier] else { continue }
        finish(identifier, entry.transfer.result(code).mapError { $0 })
      }
      curl_multi_poll(multi.pointer, nil, 0, 60_000, nil)
    }
  }

  private struct Messages {
    let submissions: [Submission]
    let cancellations: Set<UInt64>
    let resumptions: [UInt64]
    let isStopping: Bool
  }

  private func takeInbox() -> Messages {
    inbox.withLock { inbox in
      defer {
        inbox.submissions = []
        inbox.cancellations = []
        inbox.resumptions = []
      }
      return Messages(
        submissions: inbox.submissions, cancellations: Set(inbox.cancellations),
        resumptions: inbox.resumptions, isStopping: inbox.isStopping)
    }
  }

  private func start(_ submission: Submission) -> Transfer? {
    guard multi.pointer != nil,
      let transfer = Transfer(submission, authorities: authorities),
      curl_multi_add_handle(multi.pointer, transfer.easy) == CURLM_OK
    else { return nil }
    return transfer
  }

  private func takeFinished() -> [(UnsafeMutableRawPointer, CURLcode)] {
    var finished: [(UnsafeMutableRawPointer, CURLcode)] = []
    var waiting: Int32 = 0
    while let message = curl_multi_info_read(multi.pointer, &waiting) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else {
        continue
      }
      finished.append((handle, mdr_message_result(message)))
    }
    return finished
  }

  private func outOfResources(_ submission: Submission) -> TransportError {
    TransportError(
      kind: .outOfResources, mayHaveArrived: false,
      origin: submission.request.origin, detail: "libcurl gave no handle")
  }
}
