public import Cryptography
public import Platform

/// The secret key file of minisign: in the clear, or under a passphrase with scrypt.
public struct MinisignSecretKey: Sendable {
  /// The key's number: eight bytes, in the order of the file.
  public let number: [UInt8]
  /// The key.
  public let key: Ed25519.SigningKey

  private static let comment = "untrusted comment: mosaic-dr secret key"

  /// Creates a key file's content for a key.
  public init(_ key: Ed25519.SigningKey, number: [UInt8]) {
    self.key = key
    self.number = number
  }

  /// The public half.
  public var publicKey: Minisign.PublicKey { .init(key.verifyingKey, number: number) }

  /// Whether a file is protected; nil when it is no secret key of minisign.
  static func isProtected(_ text: String) -> Bool? { body(text).map { $0[2] != 0 } }

  /// Reads a file; nil when it is damaged, or the passphrase is missing or wrong.
  public init?(_ text: String, passphrase: Secret<[UInt8]>?) {
    guard let body = Self.body(text) else { return nil }
    var plain = Array(body[54...])
    if body[2] != 0 {
      guard let passphrase,
        let stream = Scrypt.derive(
          plain.count, from: passphrase.reveal(), salt: Array(body[6..<38]),
          operations: Self.number(body[38..<46]), memory: Self.number(body[46..<54]))
      else { return nil }
      plain = zip(plain, stream).map { $0 ^ $1 }
    }
    let (number, seed) = (Array(plain[..<8]), Array(plain[8..<40]))
    guard let key = Ed25519.SigningKey(seed: seed),
      key.verifyingKey.bytes == Array(plain[40..<72]),
      Self.isWhole(plain, isProtected: body[2] != 0)
    else { return nil }
    self.init(key, number: number)
  }

  /// The file; without a passphrase its key stands in it in the clear.
  public func file(passphrase: Secret<[UInt8]>?, salt: [UInt8]) -> String? {
    var plain = number + key.seed + key.verifyingKey.bytes
    plain += Self.checksum(plain)
    var head = Array("Ed".utf8)
    if let passphrase {
      let (operations, memory) = Scrypt.moderate
      guard
        let stream = Scrypt.derive(
          plain.count, from: passphrase.reveal(), salt: salt, operations: operations,
          memory: memory)
      else { return nil }
      head += "ScB2".utf8
      head += salt + Self.bytes(operations) + Self.bytes(memory)
      plain = zip(plain, stream).map { $0 ^ $1 }
    } else {
      head += [0, 0] + Array("B2".utf8) + [UInt8](repeating: 0, count: 48)
    }
    return "\(Self.comment)\n\(Base64.encode(head + plain))\n"
  }

  private static func body(_ text: String) -> [UInt8]? {
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count == 2, lines[0].hasPrefix("untrusted comment: "),
      let bytes = Base64.decode(String(lines[1])), bytes.count == 158,
      bytes.starts(with: "Ed".utf8), bytes[4...].starts(with: "B2".utf8),
      bytes[2...].starts(with: "Sc".utf8) || bytes[2...].starts(with: [0, 0])
    else { return nil }
    return bytes
  }

  /// minisign writes no checksum into a file in the clear.
  private static func isWhole(_ plain: [UInt8], isProtected: Bool) -> Bool {
    checksum(plain) == Array(plain[72...])
      || !isProtected && plain[72...].allSatisfy { $0 == 0 }
  }

  private static func checksum(_ plain: [UInt8]) -> [UInt8] {
    BLAKE2b.digest(of: Array("Ed".utf8) + plain.prefix(72), count: 32)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func bytes(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64($0 * 8)) }
  }
}
