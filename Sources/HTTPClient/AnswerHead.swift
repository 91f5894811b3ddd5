import Glibc

/// The head of an answer, kept as it came: fields become strings on the thread of whoever reads them.
struct AnswerHead: Sendable {
  /// More fields are not kept.
  private static let maximumCount = 256

  private var lines: [UInt8] = []
  private var count = 0

  /// Takes the next line. A status line begins anew: what was before it is provisional or a proxy's.
  mutating func take(_ line: UnsafeRawBufferPointer) {
    guard let start = line.baseAddress else { return }
    if line.count >= 5, memcmp(start, "HTTP/", 5) == 0 {
      if lines.isEmpty { lines.reserveCapacity(1_024) }
      lines.removeAll(keepingCapacity: true)
      count = 0
    }
    guard count < Self.maximumCount, memchr(start, 0x3A, line.count) != nil else { return }
    count += 1
    lines.append(contentsOf: line)
    if line[line.count - 1] != Self.newline { lines.append(Self.newline) }
  }

  /// The fields, in order.
  var fields: [HTTPHeader] {
    var fields: [HTTPHeader] = []
    fields.reserveCapacity(count)
    lines.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while let end = rest.firstIndex(of: Self.newline) {
        if let field = HTTPHeader(line: UnsafeRawBufferPointer(rebasing: rest[..<end])) {
          fields.append(field)
        }
        rest = rest[(end + 1)...]
      }
    }
    return fields
  }

  private static let newline: UInt8 = 0x0A
}
