import CCurl

/// One request on its way: what it has received so far, and the handle that carries it.
///
/// Lives on the loop's thread alone; libcurl holds an unretained pointer to it while it runs.
final class Transfer {
  let submission: Submission
  let handle: EasyHandle
  private var request: HTTPRequest { submission.request }
  /// Where a streamed body goes.
  private let stream: StreamBuffer?
  /// Who takes the body as it comes; nobody once the status is known and not one of the two hundreds.
  private var receiver: BodyReceiver?
  private var hasBody = false
  private var head = AnswerHead()
  private var body: [UInt8] = []
  private var answerTooLarge = false

  init(_ submission: Submission, on handle: EasyHandle) {
    self.submission = submission
    self.handle = handle
    stream = if case .stream(let buffer) = submission.receiver { buffer } else { nil }
    receiver = if case .handed(let receiver, _) = submission.receiver { receiver } else { nil }
    handle.begin(submission, context: Unmanaged.passUnretained(self).toOpaque())
  }

  /// The transfer that is the context of a handle or of a callback.
  static func at(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Calls `body` with the transfer that is the context of a callback, which is kept alive by
  /// ``RunningTransfers``; 0, with which libcurl ends the transfer, when there is none.
  @inline(__always)
  static func with(_ context: UnsafeMutableRawPointer?, _ body: (Transfer) -> Int) -> Int {
    guard let context else { return 0 }
    return Unmanaged<Transfer>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
  }

  /// Lets a transfer that was paused by a full buffer go on.
  func resume() { curl_easy_pause(handle.pointer, 0) }

  /// What came of the transfer, once libcurl has ended it with `code`.
  func result(_ code: CURLcode) -> Outcome {
    guard code == CURLE_OK else { return .failure(error(code)) }
    return .success(ReceivedAnswer(status: status, head: head, body: body))
  }

  private var status: Int { handle.number(CURLINFO_RESPONSE_CODE) }

  /// Takes the next part of the body. Returning fewer bytes than given makes libcurl end the transfer.
  func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let part = UnsafeRawBufferPointer(start: bytes, count: count)
    if let stream { return stream.offer(part) ? count : Int(CURL_WRITEFUNC_PAUSE) }
    if !hasBody {
      hasBody = true
      if status / 100 != 2 { receiver = nil }
    }
    if let receiver {
      answerTooLarge = !receiver(part)
    } else {
      answerTooLarge = body.count + count > request.maximumAnswerSize
      if !answerTooLarge { body.append(contentsOf: part) }
    }
    return answerTooLarge ? 0 : count
  }

  /// Takes the next line of the head.
  func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let line = UnsafeRawBufferPointer(start: bytes, count: count)
    head.take(line)
    if let stream, line.elementsEqual("\r\n".utf8) || line.elementsEqual("\n".utf8) {
      let status = status
      // What comes before it is provisional: 100 Continue, 103 Early Hints.
      if status >= 200 { stream.begin(StreamBuffer.Head(status: status, headers: head.fields)) }
    }
    return count
  }

  private func error(_ code: CURLcode) -> TransportError {
    TransportError(
      kind: answerTooLarge && code == CURLE_WRITE_ERROR ? .answerTooLarge : .init(code),
      // Once a byte of the request has left, the server may have acted on it.
      mayHaveArrived: handle.number(CURLINFO_REQUEST_SIZE) > 0, origin: request.origin,
      detail: answerTooLarge
        ? "the answer is larger than \(request.maximumAnswerSize) bytes"
        : String(cString: curl_easy_strerror(code)))
  }
}

extension TransportError.Kind {
  fileprivate init(_ code: CURLcode) {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: self = .nameNotResolved
    case CURLE_COULDNT_CONNECT: self = .connectionRefused
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
      self = .tlsRefused
    case CURLE_OPERATION_TIMEDOUT: self = .timedOut
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: self = .notARequest
    case CURLE_OUT_OF_MEMORY: self = .outOfResources
    default: self = .connectionLost
    }
  }
}
