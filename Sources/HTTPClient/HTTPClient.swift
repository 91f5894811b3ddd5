import CCurl
import Dispatch
import Synchronization

/// An HTTP client on libcurl's multi interface: any number of requests at once, one thread.
///
/// Connections are kept and reused. Proxies come from the environment (`HTTPS_PROXY`,
/// `NO_PROXY`), as libcurl reads it. A cancelled task's transfer is ended at once.
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
    let identifier = loop.nextIdentifier()
    let result = try await withTaskCancellationHandler {
      try Task.checkCancellation()
      return await withCheckedContinuation { continuation in
        loop.submit(
          Submission(identifier: identifier, request: request, continuation: continuation))
        // A cancellation that came before the submission found nothing to cancel: say it again.
        if Task.isCancelled { loop.cancel(identifier) }
      }
    } onCancel: {
      loop.cancel(identifier)
    }
    switch result {
    case .answer(let answer): return answer
    case .failure(let error): throw error
    case .cancelled: throw CancellationError()
    }
  }
}

/// What became of a submitted request.
enum Outcome {
  case answer(HTTPAnswer)
  case failure(TransportError)
  case cancelled
}

struct Submission {
  let identifier: UInt64
  let request: HTTPRequest
  let continuation: CheckedContinuation<Outcome, Never>
}

/// The thread that owns libcurl's multi handle. Other threads only fill the inbox and wake it.
final class TransferLoop: Sendable {
  private struct Inbox {
    var submissions: [Submission] = []
    var cancellations: [UInt64] = []
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

  func stop() {
    inbox.withLock { $0.isStopping = true }
    curl_multi_wakeup(multi.pointer)
  }

  /// Runs until ``stop()``; then every transfer still under way ends as cancelled.
  func run() {
    var running: [UInt64: (transfer: Transfer, continuation: CheckedContinuation<Outcome, Never>)] =
      [:]
    var byHandle: [UnsafeMutableRawPointer: UInt64] = [:]

    func finish(_ identifier: UInt64, _ outcome: Outcome) {
      guard let entry = running.removeValue(forKey: identifier) else { return }
      byHandle[entry.transfer.easy] = nil
      curl_multi_remove_handle(multi.pointer, entry.transfer.easy)
      entry.continuation.resume(returning: outcome)
    }

    while true {
      let (submissions, cancellations, isStopping) = takeInbox()
      for submission in submissions {
        if cancellations.contains(submission.identifier) || isStopping {
          submission.continuation.resume(returning: .cancelled)
        } else if let transfer = start(submission) {
          running[submission.identifier] = (transfer, submission.continuation)
          byHandle[transfer.easy] = submission.identifier
        } else {
          submission.continuation.resume(returning: .failure(outOfResources(submission)))
        }
      }
      for identifier in cancellations { finish(identifier, .cancelled) }
      if isStopping {
        for identifier in Array(running.keys) { finish(identifier, .cancelled) }
        return
      }
      var stillRunning: Int32 = 0
      curl_multi_perform(multi.pointer, &stillRunning)
      for (handle, code) in takeFinished() {
        guard let identifier = byHandle[handle], let entry = running[identifier] else { continue }
        switch entry.transfer.result(code) {
        case .success(let answer): finish(identifier, .answer(answer))
        case .failure(let error): finish(identifier, .failure(error))
        }
      }
      curl_multi_poll(multi.pointer, nil, 0, 60_000, nil)
    }
  }

  private func takeInbox() -> ([Submission], Set<UInt64>, Bool) {
    inbox.withLock { inbox in
      defer {
        inbox.submissions = []
        inbox.cancellations = []
      }
      return (inbox.submissions, Set(inbox.cancellations), inbox.isStopping)
    }
  }

  private func start(_ submission: Submission) -> Transfer? {
    guard multi.pointer != nil,
      let transfer = Transfer(
        identifier: submission.identifier, request: submission.request, authorities: authorities),
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
      origin: Transfer.origin(of: submission.request.url), detail: "libcurl gave no handle")
  }
}
