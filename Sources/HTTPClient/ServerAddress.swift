/// Where a request goes, for libcurl.
struct ServerAddress {
  /// The URL to ask libcurl for.
  let url: String
  /// What to connect to in place of the URL's host and port, as libcurl writes it.
  let connection: String?
  /// The field that names the host, where libcurl would name another.
  let host: HTTPHeader?

  /// libcurl asks for the name in the URL and verifies it: so where the server goes by another name, the
  /// URL gets that name, and the connection still goes to the host that it had.
  init(of request: HTTPRequest) {
    guard let name = request.transport.serverName, let scheme = request.url.firstRange(of: "://")
    else {
      url = request.url
      connection = nil
      host = nil
      return
    }
    let rest = request.url[scheme.upperBound...]
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let authority = rest[..<end]
    let colon = authority.lastIndex(of: ":").flatMap { colon in
      authority[colon...].contains("]") ? nil : colon
    }
    let server = colon.map { authority[..<$0] } ?? authority
    let isEncrypted = request.url.hasPrefix("https://")
    let port = colon.map { authority[$0...].dropFirst() } ?? (isEncrypted ? "443" : "80")
    url = "\(request.url[..<scheme.upperBound])\(name):\(port)\(rest[end...])"
    connection = "::\(server):\(port)"
    host =
      request.headers.value(of: "Host") == nil ? HTTPHeader("Host", String(authority)) : nil
  }
}
