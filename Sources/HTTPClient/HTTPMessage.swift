/// A header field of a request or an answer.
public struct HTTPHeader: Sendable, Equatable {
  /// The field's name, as sent.
  public let name: String
  /// The field's value, without surrounding white space.
  public let value: String

  /// Creates a field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// Reads a line of a message's head; nil when it is no field (RFC 9112, section 5).
  init?(line: UnsafeRawBufferPointer) {
    guard let colon = line.firstIndex(of: 0x3A) else { return nil }
    var start = colon + 1
    var end = line.count
    while start < end, Self.isSpace(line[start]) { start += 1 }
    while end > start, Self.isSpace(line[end - 1]) { end -= 1 }
    name = String(decoding: line[..<colon], as: UTF8.self)
    value = String(decoding: line[start..<end], as: UTF8.self)
  }

  /// Whether it has this name, in any case; names are ASCII.
  func isNamed(_ other: String) -> Bool {
    guard name.utf8.count == other.utf8.count else { return false }
    var theirs = other.utf8.makeIterator()
    for byte in name.utf8 {
      guard let their = theirs.next(), Self.lowercased(byte) == Self.lowercased(their) else {
        return false
      }
    }
    return true
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
  }
}

extension [HTTPHeader] {
  /// The first value of the field `name`, in any case; nil when the field is absent.
  public func value(of name: String) -> String? {
    first { $0.isNamed(name) }?.value
  }
}

/// One HTTP request. Redirects are never followed, certificates are always verified.
public struct HTTPRequest: Sendable {
  /// The method, in upper case.
  public var method: String
  /// An absolute `http` or `https` URL, already encoded.
  public var url: String
  /// Header fields; `Host`, `Content-Length` and `Accept` are added when absent.
  public var headers: [HTTPHeader]
  /// The body; sent when the method is not GET or HEAD.
  public var body: [UInt8]
  /// The bound on the whole exchange, from connecting to the last byte.
  public var timeout: Duration
  /// The bound on connecting, the TLS handshake included.
  public var connectTimeout: Duration
  /// The largest answer accepted, in bytes.
  public var maximumAnswerSize: Int
  /// Whether the request may be sent again unasked when the connection it was sent on turns out to
  /// be closed: libcurl does that with connections it has used before, whatever the method.
  public var mayBeRepeated: Bool
  /// How the server is reached, where that differs from the client's own way.
  public var transport = TransportOptions()
  /// The bound on silence: a transfer in which nothing moves for so long has ended; nil for none.
  public var idleTimeout: Duration?

  /// Creates a request.
  ///
  /// - Parameter mayBeRepeated: GET and HEAD may, others may not, unless it is said here.
  public init(
    method: String, url: String, headers: [HTTPHeader] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(60), connectTimeout: Duration = .seconds(5),
    maximumAnswerSize: Int = 16 << 20, mayBeRepeated: Bool? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.maximumAnswerSize = maximumAnswerSize
    self.mayBeRepeated = mayBeRepeated ?? ["GET", "HEAD"].contains(method)
  }

  /// Whether a body is sent, if only an empty one.
  var hasBody: Bool { method != "GET" && method != "HEAD" }

  var origin: String { Self.origin(of: url) }

  /// What may be said of an address: scheme, host and port. Its user, path and query can be secrets.
  public static func origin(of url: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return url }
    let end = url[scheme.upperBound...].firstIndex { "/?#".contains($0) } ?? url.endIndex
    let authority = url[scheme.upperBound..<end]
    let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    return String(url[..<scheme.upperBound] + (host ?? authority))
  }
}

/// A complete HTTP answer, of any status.
public struct HTTPAnswer: Sendable {
  private enum Fields {
    case read([HTTPHeader])
    case asTheyCame(AnswerHead)
  }

  /// The status code.
  public let status: Int
  /// The body.
  public let body: [UInt8]
  private let fields: Fields

  /// Creates an answer.
  public init(status: Int, headers: [HTTPHeader], body: [UInt8]) {
    self.status = status
    fields = .read(headers)
    self.body = body
  }

  init(_ answer: ReceivedAnswer) {
    status = answer.status
    fields = .asTheyCame(answer.head)
    body = answer.body
  }

  /// The header fields of the final answer, in order.
  public var headers: [HTTPHeader] {
    switch fields {
    case .read(let headers): headers
    case .asTheyCame(let head): head.fields
    }
  }

  /// The first value of the header field `name`, in any case; nil when the field is absent. Who wants few
  /// fields of many answers need not have them all read.
  public func value(of name: StaticString) -> String? {
    switch fields {
    case .read(let headers): headers.value(of: "\(name)")
    case .asTheyCame(let head): head.value(of: name)
    }
  }
}
