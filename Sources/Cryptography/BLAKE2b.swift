import CSodium

/// BLAKE2b (RFC 7693), without a key.
public enum BLAKE2b {
  /// The digest of `bytes`; `count` is 32 or 64.
  public static func digest(of bytes: [UInt8], count: Int) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: count)
    crypto_generichash(&digest, count, bytes, UInt64(bytes.count), nil, 0)
    return digest
  }
}

/// scrypt (RFC 7914) as libsodium offers it: bounds on work and memory instead of N, r and p.
public enum Scrypt {
  /// Bounds for a key that a program reads at each start: tenths of a second and 64 MiB.
  public static let moderate = (operations: UInt64(1) << 23, memory: UInt64(64) << 20)
  /// What is accepted of a file: minisign's own `SENSITIVE`.
  public static let largest = (operations: UInt64(1) << 25, memory: UInt64(1) << 30)

  /// `count` bytes from a passphrase and a salt of 32 bytes; nil when the bounds are beyond
  /// ``largest`` or there is no memory.
  public static func derive(
    _ count: Int, from passphrase: [UInt8], salt: [UInt8], operations: UInt64, memory: UInt64
  ) -> [UInt8]? {
    guard salt.count == 32, operations <= largest.operations, memory <= largest.memory,
      Sodium.isReady
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    let password = passphrase.map { CChar(bitPattern: $0) }
    let status = crypto_pwhash_scryptsalsa208sha256(
      &bytes, UInt64(count), password, UInt64(password.count), salt, operations, Int(memory))
    return status == 0 ? bytes : nil
  }
}
