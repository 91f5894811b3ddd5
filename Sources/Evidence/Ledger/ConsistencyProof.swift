import Cryptography

/// What proves that a ledger has only been added to since a checkpoint that somebody kept. Written as
/// C2SP's witnesses are sent it (tlog-witness, add-checkpoint): the older size, the hashes, the newer
/// checkpoint.
public struct ConsistencyProof: Sendable {
  private let old: Int
  private let hashes: [SHA256.Digest]
  private let note: SignedNote

  /// Proves it.
  ///
  /// - Throws: ``LedgerFault`` when it is not so, or when nothing is signed yet.
  public init(since kept: Checkpoint, in content: LedgerContent) throws(LedgerFault) {
    try content.confirm(kept)
    guard let note = content.note else { throw .noCheckpoint("is missing") }
    guard kept.size <= content.signedSize else {
      throw .shorterThanCheckpoint(lines: content.signedSize, size: kept.size)
    }
    old = kept.size
    hashes = content.tree.consistencyProof(from: kept.size, to: content.signedSize)
    self.note = note
  }

  /// The file.
  public var text: String {
    (["old \(old)"] + hashes.map { Base64.encode($0.bytes) }).joined(separator: "\n")
      + "\n\n" + note.note
  }
}
