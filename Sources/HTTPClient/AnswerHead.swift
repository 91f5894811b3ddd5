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
    visit { line in
      if let field = HTTPHeader(line: line) { fields.append(field) }
      return true
    }
    return fields
  }

  /// The first value of the field `name`, in any case, as ``fields`` has it.
  func value(of name: StaticString) -> String? {
    var value: String?
    visit { line in
      let length = name.utf8CodeUnitCount
      guard line.count > length, line[length] == 0x3A, let start = line.baseAddress,
        strncasecmp(start, name.utf8Start, length) == 0
      else { return true }
      value = HTTPHeader(line: line)?.value
      return false
    }
    return value
  }

  /// Calls `body` with the lines, in order, until it returns false.
  private func visit(_ body: (UnsafeRawBufferPointer) -> Bool) {
    lines.withUnsafeBytes { bytes in
      guard var start = bytes.baseAddress else { return }
      var rest = bytes.count
      while let end = memchr(start, Int32(Self.newline), rest) {
        let length = UnsafeRawPointer(end) - start
        guard body(UnsafeRawBufferPointer(start: start, count: length)) else { return }
        start += length + 1
        rest -= length + 1
      }
    }
  }

  private static let newline: UInt8 = 0x0A
}
