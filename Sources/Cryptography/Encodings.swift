/// Bytes as lower-case hexadecimal digits.
public enum Hex {
  /// Two digits a byte.
  public static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      for (index, byte) in bytes.enumerated() {
        text[index * 2] = digit(byte >> 4)
        text[index * 2 + 1] = digit(byte & 15)
      }
      return bytes.count * 2
    }
  }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
  }

  /// Reads digits of either case; nil when there is anything else or an odd number of them.
  public static func decode(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: characters.count, by: 2) {
      guard let high = value(characters[index]), let low = value(characters[index + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x61...0x66: character - 0x61 + 10
    case 0x41...0x46: character - 0x41 + 10
    default: nil
    }
  }
}

/// Base 64 (RFC 4648 section 4), strict: one text for each sequence of bytes.
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The standard alphabet, with padding.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = Array(bytes[start..<min(start + 3, bytes.count)])
      let bits =
        UInt32(group[0]) << 16 | UInt32(group.count > 1 ? group[1] : 0) << 8
        | UInt32(group.count > 2 ? group[2] : 0)
      for position in 0..<4 {
        let sextet = Int(bits >> UInt32(18 - 6 * position)) & 63
        text.append(position <= group.count ? alphabet[sextet] : 0x3D)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for characters outside the alphabet, wrong padding, or bits that no encoder would set.
  public static func decode(_ text: String, acceptingURLSafe: Bool = false) -> [UInt8]? {
    var characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 4) else { return nil }
    var padding = 0
    while padding < 2, characters.last == 0x3D {
      characters.removeLast()
      padding += 1
    }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var held = 0
    for character in characters {
      guard let sextet = value(character, acceptingURLSafe: acceptingURLSafe) else { return nil }
      bits = bits << 6 | UInt32(sextet)
      held += 6
      if held >= 8 {
        held -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
      }
    }
    let unused = bits & ((1 << UInt32(held)) - 1)
    guard unused == 0, held == padding * 2 else { return nil }
    return bytes
  }

  private static func value(_ character: UInt8, acceptingURLSafe: Bool) -> UInt8? {
    switch character {
    case 0x41...0x5A: character - 0x41
    case 0x61...0x7A: character - 0x61 + 26
    case 0x30...0x39: character - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    case 0x2D where acceptingURLSafe: 62
    case 0x5F where acceptingURLSafe: 63
    default: nil
    }
  }
}
