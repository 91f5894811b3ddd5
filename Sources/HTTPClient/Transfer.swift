import CCurl
import Platform

/// One request on its way: owns a libcurl easy handle and what it has received so far.
///
/// Lives on the loop's thread alone; libcurl holds an unretained pointer to it while it runs.
final class Transfer {
  let identifier: UInt64
  let easy: UnsafeMutableRawPointer
  private let request: HTTPRequest
  /// Where a streamed body goes.
  private let stream: StreamBuffer?
  /// Who takes the body as it comes.
  private let receiver: BodyReceiver?
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var hosts: UnsafeMutablePointer<curl_slist>?
  private var headers: [HTTPHeader] = []
  private var body: [UInt8] = []
  private var answerTooLarge = false

  /// How much of a large body is read from a connection at once, in bytes.
  private static let largeBuffer = 128 << 10

  /// Nil when libcurl has no memory for another handle.
  init?(_ submission: Submission, authorities: String?) {
    guard let easy = curl_easy_init() else { return nil }
    identifier = submission.identifier
    self.easy = easy
    request = submission.request
    receiver = if case .handed(let receiver, _) = submission.receiver { receiver } else { nil }
    stream = if case .stream(let buffer) = submission.receiver { buffer } else { nil }
    configure(authorities: authorities)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(fields)
    curl_slist_free_all(hosts)
  }

  /// Lets a transfer that was paused by a full buffer go on.
  func resume() { curl_easy_pause(easy, 0) }

  /// What came of the transfer, once libcurl has ended it with `code`.
  func result(_ code: CURLcode) -> Result<HTTPAnswer, TransportError> {
    guard code == CURLE_OK else { return .failure(error(code)) }
    return .success(HTTPAnswer(status: status, headers: headers, body: body))
  }

  private func configure(authorities: String?) {
    setString(CURLOPT_URL, request.url)
    setString(CURLOPT_PROTOCOLS_STR, "http,https")
    setLong(CURLOPT_NOSIGNAL, 1)
    setLong(CURLOPT_TIMEOUT_MS, Int(clamping: request.timeout.wholeMilliseconds))
    setLong(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: request.connectTimeout.wholeMilliseconds))
    setLong(CURLOPT_TCP_KEEPALIVE, 1)
    if receiver != nil { setLong(CURLOPT_BUFFERSIZE, Self.largeBuffer) }
    // On a connection of its own a request is never sent again: see ``HTTPRequest/mayBeRepeated``.
    if !request.mayBeRepeated { setLong(CURLOPT_FRESH_CONNECT, 1) }
    setLong(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    if let idle = request.idleTimeout {
      setLong(CURLOPT_LOW_SPEED_LIMIT, 1)
      setLong(CURLOPT_LOW_SPEED_TIME, Int(clamping: max(1, idle.wholeMilliseconds / 1_000)))
    }
    let host = TransportSetup(easy: easy, request: request).apply(
      authorities: authorities, hosts: &hosts)
    configureMethod()
    // An empty Expect keeps libcurl from asking for "100 Continue" and waiting a second for it.
    for header in request.headers + [HTTPHeader("Expect", "")] + host {
      let line = header.value.isEmpty ? "\(header.name):" : "\(header.name): \(header.value)"
      fields = curl_slist_append(fields, line)
    }
    _ = mdr_setopt_list(easy, CURLOPT_HTTPHEADER, fields)
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = mdr_setopt_pointer(easy, CURLOPT_WRITEDATA, context)
    _ = mdr_setopt_pointer(easy, CURLOPT_HEADERDATA, context)
    _ = mdr_setopt_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      Transfer.of(context)?.receive(bytes, size * count) ?? 0
    }
    _ = mdr_setopt_data_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      Transfer.of(context)?.receiveHeader(bytes, size * count) ?? 0
    }
  }

  private func configureMethod() {
    switch request.method {
    case "GET": setLong(CURLOPT_HTTPGET, 1)
    case "HEAD": setLong(CURLOPT_NOBODY, 1)
    default:
      setLong(CURLOPT_POSTFIELDSIZE, request.body.count)
      request.body.withUnsafeBytes { bytes in
        _ = mdr_setopt_pointer(
          easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
      }
      if request.body.isEmpty { setString(CURLOPT_COPYPOSTFIELDS, "") }
      setString(CURLOPT_CUSTOMREQUEST, request.method)
    }
  }

  private func setLong(_ option: CURLoption, _ value: Int) {
    _ = mdr_setopt_long(easy, option, value)
  }

  private func setString(_ option: CURLoption, _ value: String) {
    _ = mdr_setopt_string(easy, option, value)
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private var status: Int {
    var status = 0
    _ = mdr_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
    return status
  }

  /// Returning fewer bytes than given makes libcurl end the transfer.
  private func receive(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    if let stream {
      let isTaken = stream.offer(UnsafeRawBufferPointer(start: bytes, count: count))
      return isTaken ? count : Int(CURL_WRITEFUNC_PAUSE)
    }
    if let receiver, status / 100 == 2 {
      if receiver(UnsafeRawBufferPointer(start: bytes, count: count)) { return count }
      answerTooLarge = true
      return 0
    }
    guard body.count + count <= request.maximumAnswerSize else {
      answerTooLarge = true
      return 0
    }
    body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
  }

  private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    let line = UnsafeRawBufferPointer(start: bytes, count: count)
    if line.starts(with: "HTTP/".utf8) { headers.removeAll(keepingCapacity: true) }
    if headers.count < 256, let field = HTTPHeader(line: line) { headers.append(field) }
    if let stream, line.elementsEqual("\r\n".utf8) || line.elementsEqual("\n".utf8) {
      let status = status
      // What comes before it is provisional: 100 Continue, 103 Early Hints.
      if status >= 200 { stream.begin(StreamBuffer.Head(status: status, headers: headers)) }
    }
    return count
  }

  private func error(_ code: CURLcode) -> TransportError {
    let kind: TransportError.Kind
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: kind = .nameNotResolved
    case CURLE_COULDNT_CONNECT: kind = .connectionRefused
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
      kind = .tlsRefused
    case CURLE_OPERATION_TIMEDOUT: kind = .timedOut
    case CURLE_WRITE_ERROR where answerTooLarge: kind = .answerTooLarge
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: kind = .notARequest
    case CURLE_OUT_OF_MEMORY: kind = .outOfResources
    default: kind = .connectionLost
    }
    return TransportError(
      kind: kind, mayHaveArrived: mayHaveArrived, origin: request.origin,
      detail: answerTooLarge
        ? "the answer is larger than \(request.maximumAnswerSize) bytes"
        : String(cString: curl_easy_strerror(code)))
  }

  /// Once a byte of the request has left, the server may have acted on it.
  private var mayHaveArrived: Bool {
    var sent = 0
    _ = mdr_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &sent)
    return sent > 0
  }
}
