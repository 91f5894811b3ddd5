import CSQLite
public import Platform

/// The journal's database refused an operation.
public struct SQLiteError: ExplainedError, Equatable {
  /// SQLite's extended result code.
  public let code: Int32
  /// SQLite's words.
  public let message: String
  /// The database file.
  public let path: String

  private var primaryCode: Int32 { code & 0xFF }

  /// Whether there is no room left: the journal is intact, and goes on when there is room.
  public var isDiskFull: Bool { primaryCode == SQLITE_FULL }

  /// Whether it is only that nothing can be written there.
  var isReadOnly: Bool { [SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM].contains(primaryCode) }

  static func damaged(_ what: String, path: String) -> SQLiteError {
    SQLiteError(code: SQLITE_CORRUPT, message: what, path: path)
  }

  public var summary: String {
    switch primaryCode {
    case SQLITE_FULL: "the disk that holds the journal is full"
    case SQLITE_CORRUPT, SQLITE_NOTADB: "the journal is damaged"
    case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: "the journal cannot be opened for writing"
    case SQLITE_BUSY, SQLITE_LOCKED: "the journal is locked by another program"
    default: "the journal cannot be read or written"
    }
  }
  public var subject: String? { path }
  public var reason: String { "SQLite says: \(message) (code \(code))" }
  public var remedy: String {
    switch primaryCode {
    case SQLITE_FULL:
      "Free space on the file system."
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      "Keep the file for analysis, restore it from a backup, or choose another place with --state."
    case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM:
      "Check the owner, the mode and the file system, or choose another place with --state."
    case SQLITE_BUSY, SQLITE_LOCKED:
      "End the program that holds the file."
    default: "Check the disk."
    }
  }
}
