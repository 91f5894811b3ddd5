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

/// Comparison that takes as long for a near miss as for a far one.
public enum ConstantTime {
  /// Whether both hold the same bytes; the lengths are not hidden.
  public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && sodium_memcmp(left, right, left.count) == 0
  }
}
