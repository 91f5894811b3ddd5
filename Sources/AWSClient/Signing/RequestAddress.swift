import Platform

/// A URL split the way Signature Version 4 needs it.
struct RequestAddress {
  let authority: String
  let query: String
  private let url: String
  private let path: String

  init(_ url: String) {
    // By bytes: every delimiter is ASCII.
    let bytes = Array(url.utf8)
    let start = Self.endOfScheme(bytes)
    let stop = bytes[start...].firstIndex(of: UInt8(ascii: "#")) ?? bytes.endIndex
    let slash = UInt8(ascii: "/")
    let question = UInt8(ascii: "?")
    let end = bytes[start..<stop].firstIndex { $0 == slash || $0 == question } ?? stop
    let mark = bytes[end..<stop].firstIndex(of: question)
    self.url = url
    authority = String(decoding: bytes[start..<end], as: UTF8.self)
    path =
      end == (mark ?? stop) ? "/" : String(decoding: bytes[end..<(mark ?? stop)], as: UTF8.self)
    query = mark.map { String(decoding: bytes[($0 + 1)..<stop], as: UTF8.self) } ?? ""
  }

  /// Everything before the query.
  var beforeQuery: String {
    let isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
    return String(url[..<(url.utf8.firstIndex(where: isEnd) ?? url.endIndex)])
  }

  /// The host without its port.
  var host: String {
    let name = authority.split(separator: "@").last ?? ""
    if name.hasPrefix("[") { return String(name.prefix { $0 != "]" }) + "]" }
    return String(name.prefix { $0 != ":" })
  }

  func canonicalPath(_ rule: RequestSigner.PathRule) -> String {
    switch rule {
    case .verbatim: path
    case .normalizedAndEncodedTwice:
      PercentEncoding.encode(Self.normalized(path), keepingSlashes: true)
    case .encodedTwice: PercentEncoding.encode(path, keepingSlashes: true)
    }
  }

  var canonicalQuery: String { CanonicalQuery.of(query) }

  private static func endOfScheme(_ url: [UInt8]) -> Int {
    guard let colon = url.firstIndex(of: UInt8(ascii: ":")),
      url[colon...].starts(with: "://".utf8)
    else { return 0 }
    return colon + 3
  }

  /// RFC 3986, section 5.2.4, and empty segments dropped.
  private static func normalized(_ path: String) -> String {
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let joined = "/" + segments.joined(separator: "/")
    let endsInFolder = path.hasSuffix("/") || path.hasSuffix("/.") || path.hasSuffix("/..")
    return endsInFolder && !segments.isEmpty ? joined + "/" : joined
  }
}
