public import Cryptography

/// The formats of minisign (jedisct1/minisign, version 0.11): one signature that one command checks.
public enum Minisign {
  /// The longest trusted comment, in bytes.
  static let maximumComment = 8_191

  /// A public key with the number that minisign finds it by.
  public struct PublicKey: Sendable, Equatable {
    /// Eight bytes, in the order of the file.
    public let number: [UInt8]
    /// The key.
    public let key: Ed25519.VerifyingKey

    /// A key that was not made by minisign: its number is the start of its identifier.
    public init(_ key: Ed25519.VerifyingKey, number: [UInt8]? = nil) {
      self.key = key
      self.number = number ?? Array(SHA256.digest(of: key.bytes).bytes.prefix(8))
    }

    /// Reads the line of a public key file that is not a comment: `RW…`.
    public init?(line: String) {
      guard let bytes = Base64.decode(line), bytes.count == 42, bytes.starts(with: "Ed".utf8),
        let key = Ed25519.VerifyingKey(bytes: Array(bytes[10...]))
      else { return nil }
      self.init(key, number: Array(bytes[2..<10]))
    }

    /// The identifier as minisign shows it.
    public var shown: String { Hex.encode(number.reversed()).uppercased() }

    /// The public key file.
    public var file: String {
      "untrusted comment: minisign public key \(shown)\n"
        + Base64.encode(Array("Ed".utf8) + number + key.bytes) + "\n"
    }
  }

  /// Signs a file's bytes; the trusted comment is signed with it.
  ///
  /// - Parameter signer: holds an Ed25519 key whose number is that of `key`.
  public static func sign(
    _ bytes: [UInt8], comment: String, key: PublicKey, with signer: any Signer
  ) async throws -> String {
    let signature = try await signer.sign(BLAKE2b.digest(of: bytes, count: 64))
    let global = try await signer.sign(signature + Array(comment.utf8))
    return "untrusted comment: mosaic-dr report signature\n"
      + Base64.encode(Array("ED".utf8) + key.number + signature)
      + "\ntrusted comment: \(comment)\n\(Base64.encode(global))\n"
  }

  /// A signature file that was taken apart.
  public struct SignatureFile: Sendable, Equatable {
    let number: [UInt8]
    let signature: [UInt8]
    /// What the signer says beside the file.
    public let comment: String
    let global: [UInt8]

    /// Reads a signature file; nil when it is malformed or of the legacy kind, which hashes nothing.
    public init?(_ text: String) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let head = "trusted comment: "
      guard lines.count == 5, lines[4].isEmpty, lines[0].hasPrefix("untrusted comment: "),
        let body = Base64.decode(String(lines[1])), body.count == 74,
        body.starts(with: "ED".utf8), lines[2].hasPrefix(head),
        lines[2].utf8.count <= maximumComment + head.utf8.count,
        let global = Base64.decode(String(lines[3])), global.count == 64
      else { return nil }
      number = Array(body[2..<10])
      signature = Array(body[10...])
      comment = String(lines[2].dropFirst(head.count))
      self.global = global
    }

    /// Whether the key has signed these bytes and the comment.
    public func isValid(for bytes: [UInt8], by key: Ed25519.VerifyingKey) -> Bool {
      key.isValid(signature: signature, for: BLAKE2b.digest(of: bytes, count: 64))
        && key.isValid(signature: global, for: signature + Array(comment.utf8))
    }
  }
}
