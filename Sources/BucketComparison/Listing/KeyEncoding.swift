import Platform

/// The escapes of `encoding-type=url` in listings, and of keys in queries.
enum KeyEncoding {
  /// Decodes in place; the decoded key is never longer. A plus is a space.
  ///
  /// - Returns: the number of bytes left; nil when an escape is none.
  static func decode(_ bytes: UnsafeMutableRawBufferPointer) -> Int? {
    var read = 0
    var written = 0
    while read < bytes.count {
      let byte = bytes[read]
      switch byte {
      case 0x25:
        guard read + 2 < bytes.count, let high = PercentEncoding.nibble(bytes[read + 1]),
          let low = PercentEncoding.nibble(bytes[read + 2])
        else { return nil }
        bytes[written] = high << 4 | low
        read += 3
      case 0x2B:
        bytes[written] = 0x20
        read += 1
      default:
        bytes[written] = byte
        read += 1
      }
      written += 1
    }
    return written
  }

  static func decode(_ bytes: [UInt8]) -> [UInt8]? {
    var copy = bytes
    guard let count = copy.withUnsafeMutableBytes({ decode($0) }) else { return nil }
    return Array(copy.prefix(count))
  }

  /// As Signature Version 4 wants it.
  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    PercentEncoding.encode(bytes: bytes)
  }
}
