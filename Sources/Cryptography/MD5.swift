import CCrypto

/// MD5 (RFC 1321). Broken for everything but what S3 uses it for: to notice damage.
public struct MD5 {
  private let state = DigestState(EVP_md5())

  /// An MD5 digest: 16 bytes.
  public struct Digest: Sendable, Hashable {
    /// The bytes.
    public let bytes: [UInt8]
    /// 32 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }
  }

  /// Starts a digest over bytes that come in parts.
  public init() {}

  /// Adds the next part.
  public mutating func update(_ bytes: [UInt8]) { state.update(bytes) }

  /// The digest of all parts so far.
  public func finalized() -> Digest { Digest(bytes: state.finalized()) }
}
