import Cryptography

/// A C2SP tlog-proof: one file that proves that a line stands in a ledger. The line travels in it.
public struct InclusionProof: Sendable, Equatable {
  private static let header = "c2sp.org/tlog-proof@v1"
  /// The largest file: a tree of 2^63 leaves needs no more.
  static let maximumSize = 128 << 10

  /// The line that is proven; nil when it is known from elsewhere.
  public let line: [UInt8]?
  /// Its place.
  public let index: Int
  let hashes: [SHA256.Digest]
  /// The checkpoint it is proven against.
  public let note: SignedNote

  /// The proof of an entry of a ledger; nil when no checkpoint covers it.
  public init?(of entry: LedgerEntry, in content: LedgerContent) {
    guard let note = content.note, entry.index < content.signedSize else { return nil }
    line = entry.line
    index = entry.index
    hashes = content.tree.inclusionProof(of: entry.index, in: content.signedSize)
    self.note = note
  }

  /// Reads a file; nil when it is malformed.
  public init?(_ text: String) {
    guard text.utf8.count <= Self.maximumSize, let blank = text.firstRange(of: "\n\n"),
      let note = SignedNote(String(text[blank.upperBound...]))
    else { return nil }
    var lines = text[..<blank.lowerBound].split(
      separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst() == Self.header[...] else { return nil }
    line =
      lines.first?.hasPrefix("extra ") == true
      ? lines.popFirst().flatMap { Base64.decode(String($0.dropFirst(6))) } : nil
    guard let head = lines.popFirst(), head.hasPrefix("index "),
      let index = Int(head.dropFirst(6)), index >= 0
    else { return nil }
    self.index = index
    let hashes = lines.compactMap { line in
      Base64.decode(String(line)).flatMap { SHA256.Digest(hex: Hex.encode($0)) }
    }
    guard hashes.count == lines.count else { return nil }
    self.hashes = hashes
    self.note = note
  }

  /// The file.
  public var text: String {
    var lines = [Self.header]
    if let line { lines.append("extra \(Base64.encode(line))") }
    lines.append("index \(index)")
    lines += hashes.map { Base64.encode($0.bytes) }
    return lines.joined(separator: "\n") + "\n\n" + note.note
  }

  /// The checkpoint, when it proves the line under it.
  public func checkpoint(proving line: [UInt8]) -> Checkpoint? {
    guard let checkpoint = Checkpoint(text: note.text),
      MerkleTree.proves(
        inclusionOf: MerkleTree.leafHash(line), at: index, in: checkpoint.size,
        root: checkpoint.root, by: hashes)
    else { return nil }
    return checkpoint
  }
}
