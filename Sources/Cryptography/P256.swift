import CCrypto

/// ECDSA over NIST P-256 with SHA-256 (FIPS 186-5): what AWS KMS signs with where Ed25519 is not to
/// be had. This program only verifies.
public enum P256 {
  /// A public key.
  public struct VerifyingKey: Sendable, Hashable {
    /// AlgorithmIdentifier of RFC 5480 for P-256, and the head of an uncompressed point.
    private static let prefix: [UInt8] = [
      0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08,
      0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ]

    /// The DER form of SubjectPublicKeyInfo (RFC 5480), the point uncompressed.
    public let subjectPublicKeyInfo: [UInt8]

    /// Nil when the bytes are no point of this curve.
    public init?(subjectPublicKeyInfo bytes: [UInt8]) {
      guard bytes.count == Self.prefix.count + 64, bytes.starts(with: Self.prefix),
        Self.withKey(bytes, { _ in true }) == true
      else { return nil }
      subjectPublicKeyInfo = bytes
    }

    /// Whether `signature`, in ASN.1 DER, is this key's signature of `message`.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
      Self.withKey(subjectPublicKeyInfo) { key in
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1
          && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
      } ?? false
    }

    private static func withKey(_ bytes: [UInt8], _ body: (OpaquePointer) -> Bool) -> Bool? {
      bytes.withUnsafeBufferPointer { buffer in
        var start = buffer.baseAddress
        guard let key = d2i_PUBKEY(nil, &start, buffer.count) else { return nil }
        defer { EVP_PKEY_free(key) }
        return body(key)
      }
    }
  }
}
