/// As `joined(separator:)`, in memory that is asked for once: the texts are short, and there are many requests.
extension [String] {
  /// The texts, as UTF-8, with `separator` between them.
  func utf8Joined(by separator: Unicode.Scalar? = nil) -> [UInt8] {
    let separator = separator.map { UInt8(ascii: $0) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(reduce(count) { $0 + $1.utf8.count })
    var isFirst = true
    for text in self {
      if let separator, !isFirst { bytes.append(separator) }
      isFirst = false
      bytes.append(contentsOf: text.utf8)
    }
    return bytes
  }

  /// The texts with `separator` between them.
  func joinedAtOnce(by separator: Unicode.Scalar? = nil) -> String {
    String(decoding: utf8Joined(by: separator), as: UTF8.self)
  }
}
