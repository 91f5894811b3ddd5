/// The escapes of `encoding-type=url` in listings, and of keys in queries.
enum KeyEncoding {
  private static let hex = Array("0123456789ABCDEF".utf8)

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
        guard read + 2 < bytes.count, let high = nibble(bytes[read + 1]),
          let low = nibble(bytes[read + 2])
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

  /// Everything but `A-Z a-z 0-9 - _ . ~`, as Signature Version 4 wants it.
  static func encode(_ bytes: some Sequence<UInt8>, keepingSlashes: Bool = false) -> String {
    var encoded: [UInt8] = []
    for byte in bytes {
      switch byte {
      case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(byte)
      case 0x2F where keepingSlashes: encoded.append(byte)
      default: encoded += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
