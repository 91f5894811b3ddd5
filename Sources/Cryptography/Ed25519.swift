import CSodium

/// Ed25519 signatures (RFC 8032), pure: over the message itself.
public enum Ed25519 {
  /// A secret key. It cannot be printed.
  public struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// The 32 secret bytes that the key is derived from.
    public let seed: [UInt8]
    /// The public half.
    public let verifyingKey: VerifyingKey
    private let expanded: [UInt8]

    /// Derives the key; nil unless `seed` has 32 bytes.
    public init?(seed: [UInt8]) {
      guard seed.count == Int(crypto_sign_ed25519_SEEDBYTES), Sodium.isReady else { return nil }
      var publicBytes = [UInt8](repeating: 0, count: 32)
      var secretBytes = [UInt8](repeating: 0, count: 64)
      crypto_sign_ed25519_seed_keypair(&publicBytes, &secretBytes, seed)
      self.seed = seed
      verifyingKey = VerifyingKey(checked: publicBytes)
      expanded = secretBytes
    }

    /// Makes a new random key; nil only when libsodium cannot start.
    public static func generate() -> SigningKey? { SigningKey(seed: SecureRandom.bytes(32)) }

    /// The 64-byte signature of `message`.
    public func sign(_ message: [UInt8]) -> [UInt8] {
      var signature = [UInt8](repeating: 0, count: 64)
      crypto_sign_ed25519_detached(&signature, nil, message, UInt64(message.count), expanded)
      return signature
    }

    public var description: String { "[redacted]" }
    public var customMirror: Mirror { Mirror(self, children: []) }
  }

  /// A public key.
  public struct VerifyingKey: Sendable, Hashable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    fileprivate init(checked bytes: [UInt8]) { self.bytes = bytes }

    /// Nil unless there are 32 bytes.
    public init?(bytes: [UInt8]) {
      guard bytes.count == 32 else { return nil }
      self.bytes = bytes
    }

    /// Whether `signature` is this key's signature of `message`.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
      guard signature.count == 64, Sodium.isReady else { return false }
      return crypto_sign_ed25519_verify_detached(signature, message, UInt64(message.count), bytes)
        == 0
    }
  }
}
