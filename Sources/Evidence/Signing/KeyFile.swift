import Cryptography
public import Platform

/// The signing key of this installation: a file that only its owner reads, and its public halves.
public enum KeyFile {
  /// Reads a key, and makes it when there is none. Of several processes that make it at the same
  /// moment one does, and all have its key.
  public static func readOrCreate(
    _ path: String, passphrase: Secret<[UInt8]>?
  ) throws -> MinisignSecretKey {
    if let known = try read(path, passphrase: passphrase) { return known }
    do {
      return try create(at: path, passphrase: passphrase)
    } catch let error as FileError where error.alreadyExists {
      guard let made = try read(path, passphrase: passphrase) else { throw error }
      return made
    }
  }

  /// Makes a key and writes `path` (0600, minisign's format), `path.pub.pem` and `path.pub` (0644);
  /// never over an existing one.
  ///
  /// - Parameter passphrase: protects the file; without one the key stands in it in the clear.
  public static func create(
    at path: String, passphrase: Secret<[UInt8]>?
  ) throws -> MinisignSecretKey {
    guard let key = Ed25519.SigningKey.generate() else {
      throw Problem(
        "cannot make a key", because: "libsodium does not start", fix: "Reinstall libsodium.")
    }
    let made = MinisignSecretKey(key, number: SecureRandom.bytes(8))
    guard let text = made.file(passphrase: passphrase, salt: SecureRandom.bytes(32)) else {
      throw Problem(
        "cannot protect a key", on: path, because: "there is not enough memory for scrypt",
        fix: "Free memory, then run the same command again.")
    }
    try DurableFile.write(Array(text.utf8), to: path, mode: 0o600, existing: .refuse)
    try publish(made.publicKey, beside: path)
    return made
  }

  /// Reads a key, of this format or of the one before it; nil when there is no file.
  public static func read(
    _ path: String, passphrase: Secret<[UInt8]>?
  ) throws -> MinisignSecretKey? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try DurableFile.read(path, limit: 4_096)
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
    let key = try key(String(decoding: bytes, as: UTF8.self), path, passphrase)
    // A crash may have come between the files. The key may also stand where nobody can write.
    try? publish(key.publicKey, beside: path)
    return key
  }

  private static func key(
    _ text: String, _ path: String, _ passphrase: Secret<[UInt8]>?
  ) throws(Problem) -> MinisignSecretKey {
    if let key = MinisignSecretKey(text, passphrase: passphrase) ?? seed(text) { return key }
    let isProtected = MinisignSecretKey.isProtected(text) == true
    let reason =
      if isProtected, passphrase == nil {
        "it is protected, and no passphrase is given"
      } else if isProtected { "the passphrase is wrong, or the file is damaged" } else {
        "the file does not hold a key"
      }
    throw Problem(
      "the signing key cannot be used", on: path, because: reason,
      fix: isProtected
        ? "Give the passphrase in $MOSAIC_DR_PASSPHRASE, or a file of it with --passphrase-file."
        : "Restore the file from a backup, or move it away and run 'mosaic-dr keys'.")
  }

  /// The format before minisign's: a line of words and the seed.
  private static func seed(_ text: String) -> MinisignSecretKey? {
    let lines = text.split(whereSeparator: \.isNewline)
    guard lines.count == 2, lines[0] == "mosaic-dr ed25519 seed",
      let key = Base64.decode(String(lines[1])).flatMap({ Ed25519.SigningKey(seed: $0) })
    else { return nil }
    return MinisignSecretKey(key, number: Minisign.PublicKey(key.verifyingKey).number)
  }

  private static func publish(
    _ key: Minisign.PublicKey, beside path: String
  ) throws(FileError) {
    let files = [
      ("\(path).pub.pem", PublicKey.ed25519(key.key).pem), ("\(path).pub", key.file),
    ]
    for (file, text) in files where !DurableFile.exists(file) {
      do throws(FileError) {
        try DurableFile.write(Array(text.utf8), to: file, mode: 0o644, existing: .refuse)
      } catch  where error.alreadyExists {}
    }
  }
}
