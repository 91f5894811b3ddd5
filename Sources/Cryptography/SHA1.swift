import CCrypto

/// SHA-1 (FIPS 180-4), for names that other programs have made with it. Not for security.
public enum SHA1 {
  /// The 20-byte digest.
  public static func digest(of bytes: [UInt8]) -> [UInt8] {
    let state = DigestState(EVP_sha1())
    state.update(bytes)
    return state.finalized()
  }
}
