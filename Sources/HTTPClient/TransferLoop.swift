import CCurl
import Synchronization

/// The thread that owns libcurl's multi handle. Other threads only fill the mailbox and wake it.
final class TransferLoop: Sendable {
  /// The longest wait for anything to happen, in milliseconds.
  private static let longestWait: Int32 = 60_000
  private static let libraryIsReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// curl_multi_wakeup is the one call on a multi handle that other threads may make.
  private struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer?
  }

  private let mailbox = Mailbox()
  private let identifiers = Atomic<UInt64>(0)
  private let multi: MultiHandle
  private let authorities: String?

  init(authorities: String?) {
    multi = MultiHandle(pointer: Self.libraryIsReady ? curl_multi_init() : nil)
    self.authorities = authorities
  }

  deinit { curl_multi_cleanup(multi.pointer) }

  func nextIdentifier() -> UInt64 { identifiers.add(1, ordering: .relaxed).newValue }

  func submit(_ submission: Submission) { post { $0.submissions.append(submission) } }

  func cancel(_ identifier: UInt64) { post { $0.cancellations.append(identifier) } }

  /// Lets a paused transfer go on.
  func resume(_ identifier: UInt64) { post { $0.resumptions.append(identifier) } }

  func stop() { post { $0.isStopping = true } }

  private func post(_ add: (inout Mailbox.Messages) -> Void) {
    if mailbox.post(add) { curl_multi_wakeup(multi.pointer) }
  }

  /// Runs until ``stop()``; then every transfer still under way ends as cancelled.
  func run() {
    var transfers = RunningTransfers(multi: multi.pointer, authorities: authorities)
    while true {
      let messages = mailbox.take()
      for submission in messages.submissions {
        if messages.isStopping || messages.cancellations.contains(submission.identifier) {
          submission.receiver.end(.failure(CancellationError()))
        } else {
          transfers.start(submission)
        }
      }
      for identifier in messages.cancellations { transfers.cancel(identifier) }
      if messages.isStopping { return transfers.cancelAll() }
      for identifier in messages.resumptions { transfers.resume(identifier) }
      transfers.perform()
      if mailbox.mayWait() { curl_multi_poll(multi.pointer, nil, 0, Self.longestWait, nil) }
    }
  }
}
