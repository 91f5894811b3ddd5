/// Percent-encoding: everything but `A-Z a-z 0-9 - _ . ~`, upper-case hex (RFC 3986, section 2), which is
/// also how AWS signs (Signature Version 4, "Create a canonical request").
public enum PercentEncoding {
  private static let hex = Array("0123456789ABCDEF".utf8)

  /// Encodes a text as UTF-8.
  public static func encode(_ text: some StringProtocol, keepingSlashes: Bool = false) -> String {
    encode(bytes: text.utf8, keepingSlashes: keepingSlashes)
  }

  /// Decodes what is encoded, then encodes it the one canonical way.
  public static func normalize(_ bytes: ArraySlice<UInt8>) -> String {
    guard !bytes.allSatisfy(isUnreserved) else { return String(decoding: bytes, as: UTF8.self) }
    return encode(bytes: decode(bytes))
  }

  /// The bytes that are encoded; a `%` without two digits stands for itself.
  public static func decode(_ text: some StringProtocol) -> [UInt8] {
    decode(Array(text.utf8)[...])
  }

  private static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == 0x25, index + 2 < bytes.endIndex,
        let high = nibble(bytes[index + 1]), let low = nibble(bytes[index + 2])
      {
        decoded.append(high << 4 | low)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return decoded
  }

  /// Where the part that begins at `start` and is written the one canonical way ends: at the first byte that
  /// ``normalize(_:)`` would write otherwise.
  public static func endOfCanonicalPart(of bytes: [UInt8], from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      if isUnreserved(bytes[index]) {
        index += 1
      } else if isCanonicalEscape(bytes, at: index) {
        index += 3
      } else {
        break
      }
    }
    return index
  }

  /// Whether an escape stands there that ``encode(bytes:keepingSlashes:)`` writes.
  private static func isCanonicalEscape(_ bytes: [UInt8], at index: Int) -> Bool {
    guard bytes[index] == 0x25, index + 2 < bytes.count,
      let high = upperNibble(bytes[index + 1]), let low = upperNibble(bytes[index + 2])
    else { return false }
    return !isUnreserved(high << 4 | low)
  }

  private static func upperNibble(_ byte: UInt8) -> UInt8? {
    (0x61...0x66).contains(byte) ? nil : nibble(byte)
  }

  /// Encodes bytes, which need not be text: a key of S3.
  public static func encode(
    bytes: some Sequence<UInt8>, keepingSlashes: Bool = false
  ) -> String {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(bytes.underestimatedCount)
    for byte in bytes {
      if isUnreserved(byte) || (byte == 0x2F && keepingSlashes) {
        encoded.append(byte)
      } else {
        encoded.append(0x25)
        encoded.append(hex[Int(byte >> 4)])
        encoded.append(hex[Int(byte & 15)])
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E: true
    default: false
    }
  }

  /// The value of a hexadecimal digit of either case.
  public static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
