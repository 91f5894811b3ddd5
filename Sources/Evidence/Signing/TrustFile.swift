import Cryptography
import Platform

/// The keys that may sign evidence, as whoever verifies it has written them down: PEM blocks,
/// public keys of minisign (`RW…`) and of SSH (`ssh-ed25519 …`), one after the other; lines that
/// begin with `#` are for people.
public enum TrustFile {
  /// The largest file.
  static let maximumSize = 1 << 20

  /// Reads a file; there is at least one key.
  ///
  /// - Throws: ``FileError``, or a ``Problem`` that names the line that is no key.
  public static func read(_ path: String) throws -> [PublicKey] {
    try keys(String(decoding: try DurableFile.read(path, limit: maximumSize), as: UTF8.self), path)
  }

  static func keys(_ text: String, _ path: String) throws(Problem) -> [PublicKey] {
    var keys: [PublicKey] = []
    var block: [Substring]?
    for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = raw.trimmingWhitespace()
      if line.hasPrefix("-----BEGIN") {
        block = []
      } else if line.hasPrefix("-----END") {
        let der = Base64.decode((block ?? []).joined())
        keys.append(try known(der.flatMap { PublicKey(subjectPublicKeyInfo: $0) }, path, index))
        block = nil
      } else if block != nil {
        block?.append(Substring(line))
      } else if !line.isEmpty, !line.hasPrefix("#"), !line.hasPrefix("untrusted comment:") {
        keys.append(try known(oneLine(line), path, index))
      }
    }
    guard !keys.isEmpty else {
      throw Problem(
        "the trust file cannot be used", on: path, because: "it holds no key",
        fix: "Write the public keys into it that 'mosaic-dr keys' shows.")
    }
    return keys
  }

  private static func oneLine(_ line: String) -> PublicKey? {
    if let key = Minisign.PublicKey(line: line) { return .ed25519(key.key) }
    let words = line.split(separator: " ")
    guard words.count > 1, words[0] == "ssh-ed25519", let blob = Base64.decode(String(words[1]))
    else { return nil }
    var reader = AgentReader(blob[...])
    guard reader.text().map({ $0.elementsEqual("ssh-ed25519".utf8) }) == true,
      let key = reader.text().flatMap({ Ed25519.VerifyingKey(bytes: Array($0)) })
    else { return nil }
    return .ed25519(key)
  }

  private static func known(
    _ key: PublicKey?, _ path: String, _ index: Int
  ) throws(Problem) -> PublicKey {
    if let key { return key }
    throw Problem(
      "the trust file cannot be used", on: "\(path):\(index + 1)",
      because: "it is no public key of Ed25519 or P-256",
      fix: "Write a PEM block, minisign's 'RW…' line, or an 'ssh-ed25519' line.")
  }
}
