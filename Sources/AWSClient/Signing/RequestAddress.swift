import Platform

/// A URL split the way Signature Version 4 needs it.
struct RequestAddress {
  let authority: String
  private let path: String
  let query: String
  /// Everything before the query.
  let beforeQuery: String

  init(_ url: String) {
    // By bytes: every delimiter is ASCII.
    let bytes = url.utf8
    let start = Self.endOfScheme(url)
    let stop = bytes[start...].firstIndex(of: UInt8(ascii: "#")) ?? url.endIndex
    let slash = UInt8(ascii: "/")
    let question = UInt8(ascii: "?")
    let end = bytes[start..<stop].firstIndex { $0 == slash || $0 == question } ?? stop
    let mark = bytes[end..<stop].firstIndex(of: question)
    authority = String(url[start..<end])
    path = end == (mark ?? stop) ? "/" : String(url[end..<(mark ?? stop)])
    query = mark.map { String(url[bytes.index(after: $0)..<stop]) } ?? ""
    beforeQuery = String(
      url[..<(bytes.firstIndex { $0 == question || $0 == UInt8(ascii: "#") } ?? stop)])
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

  var canonicalQuery: String { Self.canonical(query: query) }

  /// Sorted by name, then by value, each encoded the one canonical way.
  static func canonical(query: String) -> String {
    let pairs = Array(query.utf8).split(separator: UInt8(ascii: "&")).map { pair in
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      return (
        name: PercentEncoding.normalize(pair[..<equals]),
        value: PercentEncoding.normalize(pair[min(equals + 1, pair.endIndex)...])
      )
    }
    return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
      .map { "\($0.name)=\($0.value)" }
      .joined(separator: "&")
  }

  private static func endOfScheme(_ url: String) -> String.Index {
    guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")), url[colon...].hasPrefix("://")
    else { return url.startIndex }
    return url.utf8.index(colon, offsetBy: 3)
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
