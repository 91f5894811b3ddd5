import CCurl
import Platform

/// Tells libcurl how a server is reached and whom to trust.
struct TransportSetup {
  let easy: UnsafeMutableRawPointer
  let request: HTTPRequest

  /// Returns the header fields that this needs.
  func apply(
    authorities file: String?, hosts: inout UnsafeMutablePointer<curl_slist>?
  ) -> [HTTPHeader] {
    let options = request.transport
    // As it was signed: a key of S3 may have a segment `..`, which libcurl would resolve.
    _ = mdr_setopt_long(easy, CURLOPT_PATH_AS_IS, 1)
    if let bytes = options.authorities {
      setBlob(CURLOPT_CAINFO_BLOB, bytes)
    } else if let file {
      _ = mdr_setopt_string(easy, CURLOPT_CAINFO, file)
    }
    // Else the system's folder of authorities would be trusted as well.
    if options.authorities != nil || file != nil {
      _ = mdr_setopt_string(easy, CURLOPT_CAPATH, nil)
    }
    if let identity = options.identity {
      setBlob(CURLOPT_SSLCERT_BLOB, identity.certificate)
      setBlob(CURLOPT_SSLKEY_BLOB, identity.key.reveal())
    }
    if let proxy = options.proxy ?? ProxyEnvironment.plain(for: request.url) {
      _ = mdr_setopt_string(easy, CURLOPT_PROXY, proxy)
    }
    if options.isUnverified {
      _ = mdr_setopt_long(easy, CURLOPT_SSL_VERIFYPEER, 0)
      _ = mdr_setopt_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
    }
    return options.serverName.map { rename(to: $0, &hosts) } ?? []
  }

  /// libcurl asks for the name in the URL and verifies it: so the URL gets the other name, and the
  /// connection still goes to the host that it had.
  private func rename(
    to name: String, _ hosts: inout UnsafeMutablePointer<curl_slist>?
  ) -> [HTTPHeader] {
    guard let scheme = request.url.firstRange(of: "://") else { return [] }
    let rest = request.url[scheme.upperBound...]
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    let colon = authority.lastIndex(of: ":").flatMap { colon in
      authority[colon...].contains("]") ? nil : colon
    }
    let host = colon.map { authority[..<$0] } ?? authority
    let isEncrypted = request.url.hasPrefix("https://")
    let port = colon.map { authority[$0...].dropFirst() } ?? (isEncrypted ? "443" : "80")
    hosts = curl_slist_append(hosts, "::\(host):\(port)")
    _ = mdr_setopt_list(easy, CURLOPT_CONNECT_TO, hosts)
    _ = mdr_setopt_string(
      easy, CURLOPT_URL, "\(request.url[..<scheme.upperBound])\(name):\(port)\(rest[end...])")
    return request.headers.value(of: "Host") == nil ? [HTTPHeader("Host", String(authority))] : []
  }

  private func setBlob(_ option: CURLoption, _ bytes: [UInt8]) {
    var bytes = bytes
    bytes.withUnsafeMutableBytes { buffer in
      var blob = curl_blob(
        data: buffer.baseAddress, len: buffer.count, flags: UInt32(CURL_BLOB_COPY))
      _ = mdr_setopt_pointer(easy, option, &blob)
    }
  }
}
