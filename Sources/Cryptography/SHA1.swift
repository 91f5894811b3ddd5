import CCrypto

/// SHA-1 (FIPS 180-4), for identifiers that a standard derives with it. It protects nothing.
public enum SHA1 {
  /// The 20-byte digest of `bytes`.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 20)
    EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil)
    return digest
  }
}
