import CCurl
import Platform

/// What is set once on a handle and holds for every request that it serves; a request that needs anything
/// else gets another handle.
struct HandleSetup: Equatable {
  /// How much of a large body is read from a connection at once, in bytes.
  private static let largeBuffer = 128 << 10

  private let isHead: Bool
  private let timeout: Duration
  private let connectTimeout: Duration
  private let idleTimeout: Duration?
  private let readsMuch: Bool
  private let isUnverified: Bool
  private let proxy: ProxyChoice

  /// - Parameter readsMuch: whether the body may be large.
  init(_ request: HTTPRequest, readsMuch: Bool, proxies: ProxyEnvironment) {
    isHead = request.method == "HEAD"
    timeout = request.timeout
    connectTimeout = request.connectTimeout
    idleTimeout = request.idleTimeout
    self.readsMuch = readsMuch
    isUnverified = request.transport.isUnverified
    proxy = request.transport.proxy.map { .named($0) } ?? proxies.choice(for: request.url)
  }

  /// Sets up a new handle.
  ///
  /// - Parameter authorities: a PEM file of the authorities to trust in place of the system's.
  func apply(to handle: EasyHandle, authorities: String?) {
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
    handle.set(CURLOPT_NOSIGNAL, 1)
    handle.set(CURLOPT_TIMEOUT_MS, Int(clamping: timeout.wholeMilliseconds))
    handle.set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: connectTimeout.wholeMilliseconds))
    handle.set(CURLOPT_TCP_KEEPALIVE, 1)
    handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // As it was signed: a key of S3 may have a segment `..`, which libcurl would resolve.
    handle.set(CURLOPT_PATH_AS_IS, 1)
    handle.set(isHead ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1)
    if readsMuch { handle.set(CURLOPT_BUFFERSIZE, Self.largeBuffer) }
    if let idleTimeout {
      handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
      handle.set(
        CURLOPT_LOW_SPEED_TIME, Int(clamping: max(1, idleTimeout.wholeMilliseconds / 1_000)))
    }
    if let authorities {
      handle.set(CURLOPT_CAINFO, authorities)
      handle.trustNoFolder()
    }
    if isUnverified {
      handle.set(CURLOPT_SSL_VERIFYPEER, 0)
      handle.set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    switch proxy {
    case .asLibcurlReads: break
    case .none: handle.set(CURLOPT_NOPROXY, "*")
    case .named(let url): handle.set(CURLOPT_PROXY, url)
    }
  }
}
