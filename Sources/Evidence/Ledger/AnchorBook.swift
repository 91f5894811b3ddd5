import Platform

/// A place outside the signer's reach that keeps checkpoints.
public protocol Anchor: Sendable {
  /// Its name in the settings; a file name.
  var name: String { get }
  /// The end of the name of what it gives back: `json`, `tsr`.
  var receiptSuffix: String { get }
  /// Stores a signed checkpoint. Storing the same one again is no error.
  ///
  /// - Returns: what proves that it was stored.
  func store(_ note: SignedNote, size: Int) async throws -> [UInt8]
}

/// What was anchored: for each anchor a folder with the checkpoints it holds, and its receipts. A
/// checkpoint covers all before it, so that only the newest is ever waiting.
public struct AnchorBook: Sendable {
  private let folder: String

  /// The book of a ledger.
  public init(of ledger: Ledger) { folder = "\(ledger.folder)/anchors" }

  /// A checkpoint that an anchor holds.
  public struct Anchored: Sendable {
    /// The anchor.
    public let anchor: String
    /// The checkpoint.
    public let checkpoint: Checkpoint
  }

  /// Every checkpoint that is anchored.
  public func anchored() throws -> [Anchored] {
    try DurableFile.names(in: folder).flatMap { anchor in
      try DurableFile.names(in: "\(folder)/\(anchor)").compactMap { name -> Anchored? in
        guard name.hasSuffix(".checkpoint") else { return nil }
        let bytes = try DurableFile.read(
          "\(folder)/\(anchor)/\(name)", limit: Checkpoint.maximumSize)
        guard let note = SignedNote(String(decoding: bytes, as: UTF8.self)),
          let checkpoint = Checkpoint(text: note.text)
        else { throw LedgerFault.noCheckpoint("in anchors/\(anchor)/\(name) is malformed") }
        return Anchored(anchor: anchor, checkpoint: checkpoint)
      }
    }
  }

  /// The size of the newest checkpoint that an anchor holds; 0 when it holds none.
  public func size(at anchor: String) throws -> Int {
    try anchored().filter { $0.anchor == anchor }.map(\.checkpoint.size).max() ?? 0
  }

  /// Brings an anchor up to the ledger's checkpoint.
  ///
  /// - Returns: whether there was anything to store.
  public func advance(_ anchor: any Anchor, to content: LedgerContent) async throws -> Bool {
    guard let note = content.note, try size(at: anchor.name) < content.signedSize else {
      return false
    }
    let receipt = try await anchor.store(note, size: content.signedSize)
    let place = "\(folder)/\(anchor.name)"
    try DurableFile.makeFolder(place, mode: 0o700)
    let stem = "\(place)/\(Self.name(of: content.signedSize))"
    try DurableFile.write(
      receipt, to: "\(stem).\(anchor.receiptSuffix)", mode: 0o600, existing: .replace)
    try DurableFile.write(
      Array(note.note.utf8), to: "\(stem).checkpoint", mode: 0o600, existing: .replace)
    return true
  }

  /// Twelve digits, so that names sort.
  public static func name(of size: Int) -> String {
    let digits = String(size)
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }
}

extension LedgerContent {
  /// Whether the ledger still holds what a checkpoint covered that somebody kept.
  ///
  /// - Throws: ``LedgerFault`` when lines are missing or were changed since.
  public func confirm(_ checkpoint: Checkpoint) throws(LedgerFault) {
    guard self.checkpoint == nil || self.checkpoint?.origin == checkpoint.origin else {
      throw .noCheckpoint("is of another ledger")
    }
    guard checkpoint.size <= entries.count else {
      throw .shorterThanCheckpoint(lines: entries.count, size: checkpoint.size)
    }
    guard tree.root(of: checkpoint.size) == checkpoint.root else {
      throw .otherRoot(size: checkpoint.size)
    }
  }
}
