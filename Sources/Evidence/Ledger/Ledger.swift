public import Cryptography
public import Platform
import StrictJSON

/// The append-only record of all runs of one installation: `ledger.jsonl`, a Merkle tree over its
/// lines, and `checkpoint`, signed after every append.
///
/// One writer at a time, by a lock on a file. An append is durable before it returns: line, fsync,
/// signature, checkpoint by rename, fsync of the folder. What a crash leaves is told apart from what
/// a person did: a line without its end is cut off; whole lines beyond the checkpoint are signed
/// only when the journal bears them out; fewer lines than the checkpoint says are never repaired.
public struct Ledger: Sendable {
  /// The largest ledger that is read: about a hundred thousand runs.
  static let maximumSize = 256 << 20
  /// How long another writer is waited for.
  private static let patience: Duration = .seconds(30)
  private static let pause: Duration = .milliseconds(50)

  /// The folder.
  public let folder: String
  private let time: any TimeSource

  /// The ledger of a folder, which need not be there yet.
  public init(folder: String, time: any TimeSource) {
    self.folder = folder
    self.time = time
  }

  private var linesPath: String { "\(folder)/ledger.jsonl" }
  private var checkpointPath: String { "\(folder)/checkpoint" }

  /// Whether anything was ever written to it.
  public var exists: Bool { DurableFile.exists(linesPath) }

  /// Throws when nothing was ever written to it.
  public func requireBegun() throws(LedgerFault) {
    guard exists else { throw .notBegun(folder) }
  }

  /// Reads and checks it.
  ///
  /// - Parameter genesisKey: the key it was begun with, when it is known from elsewhere.
  public func read(genesisKey: Ed25519.VerifyingKey? = nil) throws -> LedgerContent {
    let lines = try optional(linesPath, limit: Self.maximumSize) ?? []
    let note = try optional(checkpointPath, limit: Checkpoint.maximumSize)
    return try LedgerContent(
      lines: lines, note: note.map { String(decoding: $0, as: UTF8.self) }, genesisKey: genesisKey)
  }

  /// Appends entries, unless `drafts` finds that there is nothing to append, and signs a checkpoint.
  ///
  /// - Parameters:
  ///   - origin: the ledger's name when this is its first entry.
  ///   - bearsOut: whether the journal knows what a line says that stands beyond the checkpoint, as
  ///     a crash between the two leaves it.
  ///   - drafts: what to append, given what is there; it may be called while the lock is held.
  /// - Returns: the ledger as it then is. When signing fails the lines stay, and the next append
  ///   signs them.
  public func append(
    origin: String, signer: any Signer,
    bearsOut: @Sendable (LedgerEntry) async throws -> Bool,
    drafts: (LedgerContent) throws -> [LedgerEntry.Draft]
  ) async throws -> LedgerContent {
    guard let key = signer.publicKey.ed25519 else { throw LedgerFault.keyIsNotEd25519 }
    try DurableFile.makeFolder(folder, mode: 0o700)
    let lock = try await lock()
    defer { withExtendedLifetime(lock) {} }
    DurableFile.removeLeftovers(of: checkpointPath)
    var known = try read()
    if let next = known.nextKey, next != key {
      throw LedgerFault.otherSigner(signer.publicKey.identifier)
    }
    for entry in known.entries[known.signedSize...] where entry.run != nil {
      guard try await bearsOut(entry) else { throw LedgerFault.unexplained(entry.index + 1) }
    }
    if known.checkpoint == nil { known = try await begin(origin, known, signer) }
    let more = try drafts(known)
    if more.isEmpty, known.entries.count == known.signedSize { return known }
    return try await write(more, after: known, signer)
  }

  /// Writes and signs the first line alone: only it ever stands there without a checkpoint.
  private func begin(
    _ origin: String, _ known: LedgerContent, _ signer: any Signer
  ) async throws -> LedgerContent {
    guard known.entries.isEmpty else { return try await write([], after: known, signer) }
    guard Checkpoint.isOrigin(origin) else { throw LedgerFault.noCheckpoint("has no such name") }
    let genesis = LedgerEntry.Draft(
      .genesis, ["origin": .string(origin), "key": .string(signer.publicKey.pem)])
    return try await write([genesis], after: known, signer)
  }

  private func write(
    _ drafts: [LedgerEntry.Draft], after known: LedgerContent, _ signer: any Signer
  ) async throws -> LedgerContent {
    let writer = ProcessIdentity.current()
    var entries = known.entries
    var added: [UInt8] = []
    for draft in drafts {
      let entry = try LedgerEntry(draft, index: entries.count, at: time.now(), by: writer)
      entries.append(entry)
      added += entry.line + [0x0A]
    }
    if !added.isEmpty {
      // What a crash has left of a line is cut off.
      let file = try AppendedFile(linesPath, keeping: known.length, mode: 0o600)
      try await file.append(added)
    }
    let origin = entries.first?.json["origin"]?.stringValue ?? ""
    let tree = MerkleTree(entries.map(\.line))
    let checkpoint = Checkpoint(
      origin: origin, size: entries.count, root: tree.root(of: entries.count))
    let note = try await SignedNote(checkpoint.text, name: origin, signer: signer)
    try DurableFile.write(
      Array(note.note.utf8), to: checkpointPath, mode: 0o600, existing: .replace)
    return try read()
  }

  /// Hands the ledger over to another key: an entry signed with the old one, then a checkpoint with
  /// the new one.
  public func rotate(from old: any Signer, to new: any Signer) async throws -> LedgerContent {
    guard new.publicKey.ed25519 != nil else { throw LedgerFault.keyIsNotEd25519 }
    try requireBegun()
    let lock = try await lock()
    defer { withExtendedLifetime(lock) {} }
    let known = try read()
    guard let key = old.publicKey.ed25519, key == known.key,
      known.entries.count == known.signedSize, known.tornBytes == 0
    else { throw LedgerFault.otherSigner(old.publicKey.identifier) }
    let content: JSONObject = [
      "old": .string(old.publicKey.pem), "new": .string(new.publicKey.pem),
      "signature": .string(
        Base64.encode(try await old.sign(Self.handover(to: new.publicKey)))),
    ]
    return try await write([.init(.keyRotated, content)], after: known, new)
  }

  /// What the old key signs to hand a ledger over.
  static func handover(to key: PublicKey) -> [UInt8] { Array("key.rotated\n\(key.pem)".utf8) }

  private func lock() async throws -> FileLock {
    let limit = time.now().sinceBoot + Self.patience.wholeNanoseconds
    while true {
      if let lock = try FileLock("\(folder)/lock") { return lock }
      guard time.now().sinceBoot < limit else { throw LedgerFault.busy }
      try await time.sleep(for: Self.pause)
    }
  }

  private func optional(_ path: String, limit: Int) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
      return try DurableFile.read(path, limit: limit)
    } catch {
      guard error.isMissing else { throw error }
      return nil
    }
  }
}
