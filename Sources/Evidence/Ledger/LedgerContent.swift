public import Cryptography
public import Measurement
import Platform
import StrictJSON

/// A ledger as its files say it, checked: every line is an entry in its place, and the checkpoint
/// is signed over the first of them.
public struct LedgerContent: Sendable {
  /// The entries, also those beyond the checkpoint.
  public let entries: [LedgerEntry]
  /// The checkpoint; nil before the first.
  public let checkpoint: Checkpoint?
  /// The checkpoint with its signatures.
  public let note: SignedNote?
  /// The keys that the ledger was signed with, the oldest first; before the first checkpoint the
  /// one that the first line names.
  public let keys: [Ed25519.VerifyingKey]
  /// The key that signs the next one: another when the ledger was handed over meanwhile.
  public let nextKey: Ed25519.VerifyingKey?
  /// The key that signed the checkpoint.
  public var key: Ed25519.VerifyingKey? { keys.last }
  /// Bytes of a line that was not written to its end.
  let tornBytes: Int

  /// The bytes of all whole lines.
  var length: Int64 { entries.reduce(0) { $0 + Int64($1.line.count) + 1 } }

  /// The tree over all entries.
  public var tree: MerkleTree { MerkleTree(entries.map(\.line)) }
  /// How many entries the checkpoint covers.
  public var signedSize: Int { checkpoint?.size ?? 0 }

  /// Reads the bytes of the two files.
  ///
  /// - Parameters:
  ///   - note: the checkpoint's file; nil when there is none.
  ///   - genesisKey: the key that the ledger was begun with, when it is known from elsewhere; else
  ///     the one that its first line names is believed.
  /// - Throws: ``LedgerFault``
  init(
    lines: [UInt8], note text: String?, genesisKey: Ed25519.VerifyingKey? = nil
  ) throws(LedgerFault) {
    let parts = lines.split(separator: 0x0A, omittingEmptySubsequences: false)
    tornBytes = parts.last?.count ?? 0
    var entries: [LedgerEntry] = []
    for (index, part) in parts.dropLast().enumerated() {
      guard let entry = LedgerEntry(Array(part), at: index) else {
        throw .badLine(index + 1)
      }
      entries.append(entry)
    }
    self.entries = entries
    guard let text else {
      // A crash may have come between the first line and the first checkpoint, and only there.
      guard entries.count <= 1 else { throw .noCheckpoint("is missing") }
      (checkpoint, note) = (nil, nil)
      keys = [genesisKey ?? Self.key(entries.first, "key")].compactMap { $0 }
      nextKey = keys.last
      return
    }
    guard let note = SignedNote(text), let checkpoint = Checkpoint(text: note.text) else {
      throw .noCheckpoint("is malformed")
    }
    guard entries.count >= checkpoint.size else {
      throw .shorterThanCheckpoint(lines: entries.count, size: checkpoint.size)
    }
    guard MerkleTree(entries.map(\.line)).root(of: checkpoint.size) == checkpoint.root else {
      throw .otherRoot(size: checkpoint.size)
    }
    guard let first = entries.first, first.kind == .genesis,
      first.json["origin"]?.stringValue == checkpoint.origin
    else { throw .noCheckpoint("is of another ledger") }
    guard let genesis = genesisKey ?? Self.key(first, "key") else { throw .notSigned }
    let keys = try Self.heirs(of: genesis, in: entries.prefix(checkpoint.size))
    let key = keys.last ?? genesis
    guard note.isValid(name: checkpoint.origin, key: key) else { throw .notSigned }
    nextKey = try Self.heirs(of: key, in: entries.dropFirst(checkpoint.size)).last
    self.checkpoint = checkpoint
    self.note = note
    self.keys = keys
  }

  /// A key, and the one after each handing over, which the one before it has signed.
  private static func heirs(
    of key: Ed25519.VerifyingKey, in entries: ArraySlice<LedgerEntry>
  ) throws(LedgerFault) -> [Ed25519.VerifyingKey] {
    var (current, keys) = (key, [key])
    for entry in entries where entry.kind == .keyRotated {
      guard let next = Self.key(entry, "new"),
        let signature = entry.json["signature"]?.stringValue.flatMap({ Base64.decode($0) }),
        current.isValid(signature: signature, for: Ledger.handover(to: .ed25519(next)))
      else { throw .badLine(entry.index + 1) }
      current = next
      keys.append(next)
    }
    return keys
  }

  private static func key(_ entry: LedgerEntry?, _ name: String) -> Ed25519.VerifyingKey? {
    entry?.json[name]?.stringValue.flatMap { PublicKey(pem: $0) }?.ed25519
  }

  /// The entry that says that a run began; nil when there is none.
  public func start(of run: String) -> LedgerEntry? {
    entries.first { $0.kind == .runStarted && $0.run == run }
  }

  /// What came of the runs that have ended, by run; the last word on each counts.
  public var verdicts: [String: Verdict] { entries.verdicts }

  /// The entry about a report; nil when there is none.
  public func finish(of run: String, report: String) -> LedgerEntry? {
    entries.first {
      $0.kind == .runFinished && $0.run == run && $0.json["report_sha256"]?.stringValue == report
    }
  }
}
