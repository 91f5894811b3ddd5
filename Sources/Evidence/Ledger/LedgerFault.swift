public import Platform

/// A ledger that cannot be relied on, or cannot be written.
public enum LedgerFault: ExplainedError, Equatable {
  /// Fewer lines than the checkpoint says.
  case shorterThanCheckpoint(lines: Int, size: Int)
  /// The lines do not make the root of the checkpoint.
  case otherRoot(size: Int)
  /// The checkpoint is missing, malformed, or of another ledger.
  case noCheckpoint(String)
  /// No known key has signed the checkpoint.
  case notSigned
  /// A line that is not what a ledger holds.
  case badLine(Int)
  /// A line beyond the checkpoint that nothing bears out.
  case unexplained(Int)
  /// Another process is appending.
  case busy
  /// Only an Ed25519 key can sign a checkpoint.
  case keyIsNotEd25519
  /// The signer is not the one that the ledger belongs to.
  case otherSigner(String)
  /// A line that is too long.
  case tooLong(Int)
  /// No run was ever recorded in this folder.
  case notBegun(String)

  public var summary: String {
    switch self {
    case .busy, .keyIsNotEd25519, .otherSigner, .tooLong: "the ledger cannot be written"
    case .notBegun: "there is no ledger"
    default: "the ledger does not hold together"
    }
  }

  public var subject: String? {
    guard case .notBegun(let folder) = self else { return nil }
    return folder
  }

  public var reason: String {
    switch self {
    case .shorterThanCheckpoint(let lines, let size):
      "it has \(lines) lines, and its checkpoint was signed over \(size)"
    case .otherRoot(let size): "its first \(size) lines are not those that were signed"
    case .noCheckpoint(let why): "its checkpoint \(why)"
    case .notSigned: "no key that may sign its checkpoint has signed it"
    case .badLine(let line): "line \(line) is no entry, or stands in the wrong place"
    case .unexplained(let line):
      "line \(line) is beyond the signed checkpoint, and the journal does not bear it out"
    case .busy: "another process is writing it"
    case .keyIsNotEd25519: "a checkpoint is signed with Ed25519, and this key is another kind"
    case .otherSigner(let key): "it is signed with another key than \(key)"
    case .tooLong(let count): "an entry would have \(count) bytes"
    case .notBegun: "no run was ever recorded there"
    }
  }

  public var remedy: String {
    switch self {
    case .busy: "Run the same command again when the other is done."
    case .keyIsNotEd25519: "Name an Ed25519 key for the ledger with --ledger-key."
    case .otherSigner:
      "Use the key it was begun with, or hand it over: mosaic-dr ledger rotate --key OLD --new-key NEW."
    case .tooLong: "Shorten the names in the plan."
    case .notBegun:
      "Name the state folder of the control host with --state or $MOSAIC_DR_STATE; the first run begins a ledger."
    default:
      "Keep the folder as evidence and find out who changed it; compare it with an anchored checkpoint."
    }
  }
}
