import CSodium

/// SHA-256 (FIPS 180-4).
public struct SHA256 {
  private var state = crypto_hash_sha256_state()

  /// A SHA-256 digest: 32 bytes.
  public struct Digest: Sendable, Hashable, CustomStringConvertible {
    /// The bytes.
    public let bytes: [UInt8]
    /// 64 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
    public var description: String { hex }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads 64 hexadecimal digits; nil when it is anything else.
    public init?(hex: String) {
      guard let bytes = Hex.decode(hex), bytes.count == 32 else { return nil }
      self.bytes = bytes
    }
  }

  /// Starts a digest over bytes that come in parts.
  public init() { crypto_hash_sha256_init(&state) }

  /// Adds the next part.
  public mutating func update(_ bytes: [UInt8]) {
    crypto_hash_sha256_update(&state, bytes, UInt64(bytes.count))
  }

  /// The digest of all parts so far.
  public func finalized() -> Digest {
    var copy = state
    var digest = [UInt8](repeating: 0, count: 32)
    crypto_hash_sha256_final(&copy, &digest)
    return Digest(bytes: digest)
  }

  /// The digest of `bytes`.
  public static func digest(of bytes: [UInt8]) -> Digest {
    if let digest = FetchedSHA256.digest(of: bytes) { return Digest(bytes: digest) }
    var whole = SHA256()
    whole.update(bytes)
    return whole.finalized()
  }
}

/// HMAC with SHA-256 (RFC 2104), for keys of any length.
public enum HMACSHA256 {
  /// A key that has been taken in: what every message costs but once under one key. As secret as the key.
  public struct PreparedKey: Sendable {
    private let initial: crypto_auth_hmacsha256_state

    /// Takes a key of any length in.
    public init(_ key: [UInt8]) {
      var state = crypto_auth_hmacsha256_state()
      crypto_auth_hmacsha256_init(&state, key, key.count)
      initial = state
    }

    /// The 32-byte authenticator of `message`.
    public func authenticate(_ message: [UInt8]) -> [UInt8] {
      var state = initial
      var code = [UInt8](repeating: 0, count: 32)
      crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
      crypto_auth_hmacsha256_final(&state, &code)
      return code
    }
  }

  /// The 32-byte authenticator of `message` under `key`.
  public static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    PreparedKey(key).authenticate(message)
  }
}
