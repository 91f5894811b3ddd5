public import Cryptography

/// How large a ledger is, and the root of its tree: the text of a C2SP checkpoint (tlog-checkpoint).
public struct Checkpoint: Sendable, Equatable {
  /// The largest signed checkpoint that is read.
  static let maximumSize = 64 << 10

  /// The name of the ledger, which is that of its key too.
  public let origin: String
  /// How many lines it covers.
  public let size: Int
  /// The root over these lines.
  public let root: SHA256.Digest

  /// Creates a checkpoint.
  public init(origin: String, size: Int, root: SHA256.Digest) {
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Whether a name can be that of a ledger: a signed note allows neither spaces nor `+`, and what
  /// is signed elsewhere with the same key begins otherwise.
  public static func isOrigin(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 200 && !name.hasPrefix("DSSEv1")
      && !name.hasPrefix("SSHSIG")
      && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }
  }

  /// The text that is signed.
  public var text: String { "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n" }

  /// Reads the text; nil when it is malformed. Extension lines are not accepted.
  public init?(text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[3].isEmpty, Self.isOrigin(String(lines[0])),
      let size = Int(lines[1]), size >= 0, String(size) == lines[1],
      let bytes = Base64.decode(String(lines[2])),
      let root = SHA256.Digest(hex: Hex.encode(bytes))
    else { return nil }
    self.init(origin: String(lines[0]), size: size, root: root)
  }
}

/// A C2SP signed note: text, and lines of signatures below it.
public struct SignedNote: Sendable, Equatable {
  private static let dash = "\u{2014} "
  /// The signature types of C2SP: Ed25519, and Ed25519 with a time, as witnesses make it.
  enum SignatureType: UInt8 { case plain = 1, cosignature = 4 }

  struct Line: Sendable, Equatable {
    let name: String
    let keyID: [UInt8]
    let bytes: [UInt8]
  }

  /// What is signed, up to and with the newline before the blank line.
  public let text: String
  let lines: [Line]

  /// Signs a text.
  ///
  /// - Parameter signer: holds an Ed25519 key; no other is read by the tools for notes.
  public init(_ text: String, name: String, signer: any Signer) async throws {
    guard let key = signer.publicKey.ed25519 else { throw LedgerFault.keyIsNotEd25519 }
    self.text = text
    let signature = try await signer.sign(Array(text.utf8))
    lines = [Line(name: name, keyID: Self.keyID(name, key), bytes: signature)]
  }

  /// Reads a note; nil when it is malformed.
  public init?(_ note: String) {
    guard note.utf8.count <= Checkpoint.maximumSize,
      !note.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A })
    else { return nil }
    let parts = note.split(separator: "\n", omittingEmptySubsequences: false)
    guard let blank = parts.dropLast().lastIndex(of: ""), blank > 0, parts.last == "" else {
      return nil
    }
    var lines: [Line] = []
    for part in parts[(blank + 1)...].dropLast() {
      let words = part.split(separator: " ", omittingEmptySubsequences: false)
      guard part.hasPrefix(Self.dash), words.count == 3,
        let bytes = Base64.decode(String(words[2])), bytes.count > 4
      else { return nil }
      lines.append(
        Line(
          name: String(words[1]), keyID: Array(bytes.prefix(4)), bytes: Array(bytes.dropFirst(4)))
      )
    }
    guard !lines.isEmpty else { return nil }
    text = parts[..<blank].joined(separator: "\n") + "\n"
    self.lines = lines
  }

  /// The note as it is written.
  public var note: String {
    text + "\n"
      + lines.map { "\(Self.dash)\($0.name) \(Base64.encode($0.keyID + $0.bytes))\n" }.joined()
  }

  /// Whether the key has signed under this name. A line of a known key that does not verify spoils
  /// the note; lines of others are passed over.
  public func isValid(name: String, key: Ed25519.VerifyingKey) -> Bool {
    let id = Self.keyID(name, key)
    let mine = lines.filter { $0.name == name && $0.keyID == id }
    return !mine.isEmpty
      && mine.allSatisfy { key.isValid(signature: $0.bytes, for: Array(text.utf8)) }
  }

  /// When a witness signed, in seconds since 1970; nil when it has not.
  public func cosignedAt(name: String, key: Ed25519.VerifyingKey) -> UInt64? {
    let id = Self.keyID(name, key, .cosignature)
    guard let line = lines.first(where: { $0.name == name && $0.keyID == id }),
      line.bytes.count == 72
    else { return nil }
    let time = line.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let message = "cosignature/v1\ntime \(time)\n\(text)"
    return key.isValid(signature: Array(line.bytes.dropFirst(8)), for: Array(message.utf8))
      ? time : nil
  }

  /// The first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key).
  static func keyID(
    _ name: String, _ key: Ed25519.VerifyingKey, _ type: SignatureType = .plain
  ) -> [UInt8] {
    Array(SHA256.digest(of: Array(name.utf8) + [0x0A, type.rawValue] + key.bytes).bytes.prefix(4))
  }

  /// The key as tools for notes are given it: `name+id+base64`.
  public static func verifierKey(_ name: String, _ key: Ed25519.VerifyingKey) -> String {
    "\(name)+\(Hex.encode(keyID(name, key)))+\(Base64.encode([SignatureType.plain.rawValue] + key.bytes))"
  }
}
