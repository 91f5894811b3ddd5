import Platform

/// A URL split the way Signature Version 4 needs it.
struct RequestAddress {
  let authority: String
  private let path: String
  let query: String
  /// Everything before the query.
  let beforeQuery: String

  init(_ url: String) {
    let afterScheme = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let withoutFragment = afterScheme.prefix { $0 != "#" }
    let end = withoutFragment.firstIndex { $0 == "/" || $0 == "?" } ?? withoutFragment.endIndex
    authority = String(withoutFragment[..<end])
    let rest = withoutFragment[end...]
    let mark = rest.firstIndex(of: "?")
    let path = rest[..<(mark ?? rest.endIndex)]
    self.path = path.isEmpty ? "/" : String(path)
    query = mark.map { String(rest[rest.index(after: $0)...]) } ?? ""
    beforeQuery = String(url.prefix { $0 != "?" && $0 != "#" })
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
    query.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (
        PercentEncoding.normalize(parts[0]),
        PercentEncoding.normalize(parts.count > 1 ? parts[1] : "")
      )
    }
    .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    .map { "\($0.0)=\($0.1)" }
    .joined(separator: "&")
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
