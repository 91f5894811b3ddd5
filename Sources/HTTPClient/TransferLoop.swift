import CCurl
import Dispatch
import Glibc
import Synchronization

/// The thread that owns libcurl's multi handle. Other threads only fill the mailbox and wake it.
///
/// It runs tasks as well, those that prefer it; see ``HTTPClient/executors``.
final class TransferLoop: Sendable {
  /// The longest wait for anything to happen, in milliseconds.
  private static let longestWait: Int32 = 60_000
  /// How often the mailbox is emptied before the transfers have their turn again.
  private static let mostRounds = 8
  private static let libraryIsReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// curl_multi_wakeup is the one call on a multi handle that other threads may make.
  private struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer?
  }

  private let mailbox = Mailbox()
  private let identifiers = Atomic<UInt64>(0)
  private let multi: MultiHandle
  private let authorities: String?
  /// The thread that runs it; 0 while none does.
  private let thread = Atomic<pthread_t>(0)

  init(authorities: String?) {
    multi = MultiHandle(pointer: Self.libraryIsReady ? curl_multi_init() : nil)
    self.authorities = authorities
  }

  deinit { curl_multi_cleanup(multi.pointer) }

  /// Whether the caller runs on its thread.
  var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

  func nextIdentifier() -> UInt64 { identifiers.add(1, ordering: .relaxed).newValue }

  func submit(_ submission: Submission) {
    if post({ $0.submissions.append(submission) }) == .isClosed { submission.cancel() }
  }

  func cancel(_ identifier: UInt64) { post { $0.cancellations.append(identifier) } }

  /// Lets a paused transfer go on.
  func resume(_ identifier: UInt64) { post { $0.resumptions.append(identifier) } }

  func stop() { post { $0.isStopping = true } }

  @discardableResult
  private func post(_ add: (inout Mailbox.Messages) -> Void) -> Mailbox.Attention {
    let attention = mailbox.post(add)
    if attention == .mustBeWoken { curl_multi_wakeup(multi.pointer) }
    return attention
  }

  /// Runs until ``stop()``; then every transfer still under way ends as cancelled.
  func run() {
    thread.store(pthread_self(), ordering: .relaxed)
    var transfers = RunningTransfers(multi: multi.pointer, authorities: authorities)
    while obey(&transfers) {
      transfers.perform()
      if mailbox.mayWait() { curl_multi_poll(multi.pointer, nil, 0, Self.longestWait, nil) }
    }
    transfers.cancelAll()
    thread.store(0, ordering: .relaxed)
    let last = mailbox.close()
    for submission in last.submissions { submission.cancel() }
    last.jobs.forEach(runElsewhere)
  }

  /// Does what the messages say; what tasks ask for while they run is seen to before the transfers move.
  ///
  /// - Returns: false when it is to stop.
  private func obey(_ transfers: inout RunningTransfers) -> Bool {
    for _ in 0..<Self.mostRounds {
      let messages = mailbox.take()
      for submission in messages.submissions {
        if messages.isStopping || messages.cancellations.contains(submission.identifier) {
          submission.cancel()
        } else {
          transfers.start(submission)
        }
      }
      for identifier in messages.cancellations { transfers.cancel(identifier) }
      for identifier in messages.resumptions { transfers.resume(identifier) }
      for job in messages.jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
      if messages.isStopping { return false }
      if messages.jobs.isEmpty { break }
    }
    return true
  }
}

extension TransferLoop: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if post({ $0.jobs.append(job) }) == .isClosed { runElsewhere(job) }
  }

  /// Runs a job when the thread is gone: a task that was cancelled with its transfer still has to end.
  private func runElsewhere(_ job: UnownedJob) {
    DispatchQueue.global().async { @Sendable [self] in
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
