import Compression
import Cryptography
import Platform
public import StrictJSON

/// A list of findings as it was written: zstd frames of JSON lines.
public struct FindingsList: Sendable {
  /// The longest line that is accepted, in bytes: two keys of 1,024 bytes, each byte escaped.
  static let maximumLine = 64 << 10

  private let path: String

  /// Names a list.
  public init(_ path: String) { self.path = path }

  /// The SHA-256 of the file, and its size in bytes.
  ///
  /// - Throws: `FileError`.
  public func digest() async throws -> (sha256: String, size: Int64) {
    let reader = try FileReader(path)
    var digest = SHA256()
    var size: Int64 = 0
    while let part = try await reader.next() {
      digest.update(part)
      size += Int64(part.count)
    }
    return (digest.finalized().hex, size)
  }

  /// Hands on the lines, a few thousand at a time.
  ///
  /// - Throws: `FileError`; `Problem` when the file is damaged; whatever `body` throws.
  public func forEach(_ body: ([JSONValue]) async throws -> Void) async throws {
    let reader = try FileReader(path)
    let frames = try ZstdReader()
    var rest: [UInt8] = []
    while let part = try await reader.next() {
      try frames.read(part) { rest.append(contentsOf: $0) }
      guard let end = rest.lastIndex(of: 0x0A) else {
        guard rest.count <= Self.maximumLine else { throw damaged("a line is too long") }
        continue
      }
      let lines = try rest[..<end].split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
      rest.removeSubrange(...end)
      try await body(lines)
    }
    try frames.finish()
    guard rest.isEmpty else { throw damaged("the last line is cut short") }
  }

  private func damaged(_ reason: String) -> Problem {
    Problem(
      "cannot read a list of findings", on: path, because: reason,
      fix: "Run the comparison again.")
  }
}
