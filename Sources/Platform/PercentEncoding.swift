/// Percent-encoding: everything but `A-Z a-z 0-9 - _ . ~`, upper-case hex (RFC 3986, section 2), which is
/// also how AWS signs (Signature Version 4, "Create a canonical request").
public enum PercentEncoding {
  private static let hex = Array("0123456789ABCDEF".utf8)

  /// Encodes a text as UTF-8.
  public static func encode(_ text: some StringProtocol, keepingSlashes: Bool = false) -> String {
    encode(bytes: text.utf8, keepingSlashes: keepingSlashes)
  }

  /// Decodes what is encoded, then encodes it the one canonical way.
  public static func normalize(_ text: some StringProtocol) -> String {
    encode(bytes: decode(text))
  }

  /// The bytes that are encoded; a `%` without two digits stands for itself.
  public static func decode(_ text: some StringProtocol) -> [UInt8] {
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x25, index + 2 < bytes.count,
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

  /// Encodes bytes, which need not be text: a key of S3.
  public static func encode(
    bytes: some Sequence<UInt8>, keepingSlashes: Bool = false
  ) -> String {
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
