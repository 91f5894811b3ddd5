import CCurl

/// The transfers under way, on the loop's thread.
struct RunningTransfers {
  private let multi: UnsafeMutableRawPointer?
  private let authorities: String?
  private var transfers: [UInt64: Transfer] = [:]
  private var pool = HandlePool()

  init(multi: UnsafeMutableRawPointer?, authorities: String?) {
    self.multi = multi
    self.authorities = authorities
  }

  mutating func start(_ submission: Submission) {
    guard let multi, let handle = handle(for: submission) else { return refuse(submission) }
    let transfer = Transfer(submission, on: handle)
    guard curl_multi_add_handle(multi, handle.pointer) == CURLM_OK else {
      return refuse(submission)
    }
    transfers[submission.identifier] = transfer
  }

  mutating func cancel(_ identifier: UInt64) {
    guard let transfer = transfers.removeValue(forKey: identifier) else { return }
    curl_multi_remove_handle(multi, transfer.handle.pointer)
    transfer.submission.cancel()
  }

  mutating func cancelAll() {
    for identifier in Array(transfers.keys) { cancel(identifier) }
  }

  func resume(_ identifier: UInt64) { transfers[identifier]?.resume() }

  /// Moves what can be moved, and ends the transfers that are complete.
  mutating func perform() {
    var count: Int32 = 0
    curl_multi_perform(multi, &count)
    var ended: [(Submission, Outcome)] = []
    while let message = curl_multi_info_read(multi, &count) {
      guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle,
        let transfer = Transfer.at(EasyHandle.context(of: pointer))
      else { continue }
      let code = mdr_message_result(message)
      ended.append((transfer.submission, transfer.result(code)))
      // From here on the message is gone.
      curl_multi_remove_handle(multi, pointer)
      transfers[transfer.submission.identifier] = nil
      if code == CURLE_OK, transfer.submission.isOrdinary {
        transfer.handle.end()
        pool.give(transfer.handle)
      }
    }
    // At last and together: each may wake a thread.
    for (submission, outcome) in ended { submission.receiver.end(outcome) }
  }

  /// A handle whose transfer fails or is cancelled serves no other, nor does one that was set up for a
  /// single request.
  private mutating func handle(for submission: Submission) -> EasyHandle? {
    if submission.isOrdinary, let handle = pool.take(submission.setup) { return handle }
    let handle = EasyHandle(submission.setup, authorities: authorities)
    if let handle, !submission.isOrdinary {
      RequestSetup(request: submission.request, address: submission.address).apply(to: handle)
    }
    return handle
  }

  private func refuse(_ submission: Submission) {
    submission.receiver.end(
      .failure(
        TransportError(
          kind: .outOfResources, mayHaveArrived: false, origin: submission.request.origin,
          detail: "libcurl gave no handle")))
  }
}
