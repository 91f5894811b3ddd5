import HTTPClient
import Platform

/// The header fields that a signature covers, as step 1 of the documentation writes them.
struct SignedFields {
  /// The names in lower case, sorted, with semicolons between.
  let names: String
  /// A line for each name with its values.
  let canonical: String

  private static let neverSigned: Set<String> = [
    "authorization", "connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding",
    "upgrade", "user-agent", "x-amzn-trace-id", "proxy-authorization", "proxy-authenticate",
  ]

  init(_ headers: [HTTPHeader]) {
    var values: [String: String] = [:]
    for header in headers {
      let name = header.name.lowercased()
      guard !Self.neverSigned.contains(name) else { continue }
      let value = Self.collapseSpaces(header.value)
      values[name] = values[name].map { "\($0),\(value)" } ?? value
    }
    let sorted = values.sorted { $0.key < $1.key }
    names = sorted.map(\.key).joined(separator: ";")
    canonical = sorted.map { "\($0.key):\($0.value)\n" }.joined()
  }

  /// White space at the ends dropped, and within the value one space for any number.
  private static func collapseSpaces(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 <= UInt8(ascii: " ") }) else { return value }
    return value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline })
      .joined(separator: " ")
  }
}
