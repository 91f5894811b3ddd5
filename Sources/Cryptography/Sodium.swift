import CSodium

/// libsodium's one-time initialisation; it is thread-safe and may be repeated.
enum Sodium {
  static let isReady: Bool = sodium_init() >= 0
}

/// Random bytes from the kernel, for keys and salts.
public enum SecureRandom {
  /// `count` random bytes.
  public static func bytes(_ count: Int) -> [UInt8] {
    _ = Sodium.isReady
    var bytes = [UInt8](repeating: 0, count: count)
    randombytes_buf(&bytes, count)
    return bytes
  }
}
