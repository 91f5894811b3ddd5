import HTTPClient

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
    var fields: [(name: String, value: String)] = []
    fields.reserveCapacity(headers.count)
    for header in headers {
      let name = header.name.lowercased()
      guard !Self.neverSigned.contains(name) else { continue }
      Self.add(name, Self.collapseSpaces(header.value), to: &fields)
    }
    names = fields.map(\.name).joinedAtOnce(by: ";")
    canonical = Self.lines(of: fields)
  }

  private static func lines(of fields: [(name: String, value: String)]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 })
    for field in fields {
      text.append(contentsOf: field.name.utf8)
      text.append(UInt8(ascii: ":"))
      text.append(contentsOf: field.value.utf8)
      text.append(UInt8(ascii: "\n"))
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Puts a field where it belongs in the order of names, and a value of a name that is there behind the
  /// others: there are few.
  private static func add(
    _ name: String, _ value: String, to fields: inout [(name: String, value: String)]
  ) {
    let place = fields.firstIndex { $0.name >= name } ?? fields.endIndex
    if place < fields.endIndex, fields[place].name == name {
      fields[place].value += ",\(value)"
    } else {
      fields.insert((name, value), at: place)
    }
  }

  /// White space at the ends dropped, and within the value one space for any number.
  private static func collapseSpaces(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 <= UInt8(ascii: " ") }) else { return value }
    return value.split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline })
      .joined(separator: " ")
  }
}
