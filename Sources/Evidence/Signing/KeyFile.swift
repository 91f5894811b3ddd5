public import Cryptography
import Platform

/// The signing key of this installation: a file that only its owner reads, and its public half.
public enum KeyFile {
  /// Makes a key and writes `path` (0600) and `path.pub.pem` (0644); never over an existing one.
  public static func create(at path: String) throws -> Ed25519.SigningKey {
    guard let key = Ed25519.SigningKey.generate() else {
      throw Problem(
        "cannot make a key", because: "libsodium does not start", fix: "Reinstall libsodium.")
    }
    let text = "mosaic-dr ed25519 seed\n\(Base64.encode(key.seed))\n"
    try DurableFile.write(Array(text.utf8), to: path, mode: 0o600, existing: .refuse)
    try publish(key, at: publicPath(path))
    return key
  }

  private static func publicPath(_ path: String) -> String { "\(path).pub.pem" }

  private static func publish(
    _ key: Ed25519.SigningKey, at path: String
  ) throws(FileError) {
    try DurableFile.write(
      Array(key.verifyingKey.pem.utf8), to: path, mode: 0o644,
      existing: DurableFile.exists(path) ? .replace : .refuse)
  }

  /// Reads a key; nil when there is no file.
  public static func read(_ path: String) throws -> Ed25519.SigningKey? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try DurableFile.read(path, limit: 4_096)
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.count == 2, let seed = Base64.decode(String(lines[1])),
      let key = Ed25519.SigningKey(seed: seed)
    else {
      throw Problem(
        "the signing key cannot be used", on: path, because: "the file does not hold a key",
        fix: "Restore the file from a backup, or move it away and run 'mosaic-dr keys'.")
    }
    // A crash may have come between the two files. The key may also stand where nobody can write.
    if !DurableFile.exists(publicPath(path)) { try? publish(key, at: publicPath(path)) }
    return key
  }
}
