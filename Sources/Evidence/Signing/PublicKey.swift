public import Cryptography

/// A public key that evidence can be verified with.
public enum PublicKey: Sendable, Hashable {
  case ed25519(Ed25519.VerifyingKey)
  case p256(P256.VerifyingKey)

  private static let ed25519Prefix: [UInt8] = [
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  /// Reads the DER form of SubjectPublicKeyInfo (RFC 8410 and RFC 5480); nil for other keys.
  public init?(subjectPublicKeyInfo der: [UInt8]) {
    if der.count == 44, der.starts(with: Self.ed25519Prefix),
      let key = Ed25519.VerifyingKey(bytes: Array(der.suffix(32)))
    {
      self = .ed25519(key)
    } else if let key = P256.VerifyingKey(subjectPublicKeyInfo: der) {
      self = .p256(key)
    } else {
      return nil
    }
  }

  /// Reads the PEM form; nil when it is neither an Ed25519 nor a P-256 public key.
  public init?(pem: String) {
    let body = pem.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
    guard let der = Base64.decode(body) else { return nil }
    self.init(subjectPublicKeyInfo: der)
  }

  /// The DER form of SubjectPublicKeyInfo.
  public var subjectPublicKeyInfo: [UInt8] {
    switch self {
    case .ed25519(let key): Self.ed25519Prefix + key.bytes
    case .p256(let key): key.subjectPublicKeyInfo
    }
  }

  /// SHA-256 of the DER form, in hexadecimal: what `openssl pkey -pubin -outform DER | sha256sum`
  /// prints.
  public var identifier: String { SHA256.digest(of: subjectPublicKeyInfo).hex }

  /// The key in the form that OpenSSL reads.
  public var pem: String {
    let text = Base64.encode(subjectPublicKeyInfo)
    let lines = stride(from: 0, to: text.utf8.count, by: 64).map {
      text.dropFirst($0).prefix(64)
    }
    return "-----BEGIN PUBLIC KEY-----\n\(lines.joined(separator: "\n"))\n"
      + "-----END PUBLIC KEY-----\n"
  }

  /// The key for what only Ed25519 can sign: minisign and checkpoints; nil for others.
  public var ed25519: Ed25519.VerifyingKey? {
    if case .ed25519(let key) = self { key } else { nil }
  }

  /// Whether `signature` is this key's signature of `message`.
  public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
    switch self {
    case .ed25519(let key): key.isValid(signature: signature, for: message)
    case .p256(let key): key.isValid(signature: signature, for: message)
    }
  }
}

/// Something that holds a secret key and signs with it: a file, an agent, a service.
public protocol Signer: Sendable {
  /// The public half.
  var publicKey: PublicKey { get }
  /// The signature of `message`: 64 bytes of Ed25519, or ECDSA in ASN.1 DER.
  func sign(_ message: [UInt8]) async throws -> [UInt8]
}

/// A key that is held in this process.
public struct LocalSigner: Signer {
  private let key: Ed25519.SigningKey

  /// Creates a signer.
  public init(_ key: Ed25519.SigningKey) { self.key = key }

  public var publicKey: PublicKey { .ed25519(key.verifyingKey) }
  public func sign(_ message: [UInt8]) async throws -> [UInt8] { key.sign(message) }
}
