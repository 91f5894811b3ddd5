import Glibc
import Platform

/// What a journal is opened for.
public enum JournalAccess: Sendable {
  /// Runs are begun or gone on with.
  case writing
  /// It is only looked at: then a read-only file system will do.
  case reading
}

/// Opens the file, and refuses what is damaged or of another program.
enum JournalOpening {
  /// A larger file is not read through at every start; `PRAGMA quick_check` takes about a second
  /// for this much.
  static let largestCheck: Int64 = 256 << 20

  static func open(
    _ path: String, in folder: String, _ access: JournalAccess
  ) throws -> SQLiteConnection {
    do {
      return try forWriting(path, in: folder, isChecked: access == .writing)
    } catch  where access == .reading && isReadOnly(error) && !hasPendingLog(path) {
      // Nobody can write there: the file stays as it is while it is looked at.
      let connection = try SQLiteConnection(path: path, isImmutable: true)
      try JournalSchema.checkVersion(connection)
      return connection
    }
  }

  private static func forWriting(
    _ path: String, in folder: String, isChecked: Bool
  ) throws -> SQLiteConnection {
    try DurableFile.makeFolder(folder, mode: 0o700)
    // SQLite gives the files beside it the same mode and group.
    try DurableFile.createIfMissing(path, mode: DurableFile.isForGroup(folder) ? 0o660 : 0o600)
    let connection = try SQLiteConnection(path: path)
    try connection.execute(
      """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
      PRAGMA trusted_schema = OFF;
      """)
    try JournalSchema.migrate(connection)
    if isChecked { try check(connection) }
    return connection
  }

  /// - Throws: ``SQLiteError`` with SQLite's word for the first thing that is damaged.
  private static func check(_ connection: SQLiteConnection) throws {
    let number = { (pragma: String) in
      try connection.query("PRAGMA \(pragma)") { $0.integer(0) }.first ?? 0
    }
    guard try number("page_count") * number("page_size") <= largestCheck else { return }
    let words = try connection.query("PRAGMA quick_check(1)") { $0.text(0) }
    guard words == ["ok"] else {
      throw SQLiteError.damaged(words.joined(separator: "; "), path: connection.path)
    }
  }

  private static func isReadOnly(_ error: any Error) -> Bool {
    switch error {
    case let error as FileError: [EROFS, EACCES, EPERM].contains(error.code)
    case let error as SQLiteError: error.isReadOnly
    default: false
    }
  }

  /// A write-ahead log that was not merged yet holds the newest events.
  private static func hasPendingLog(_ path: String) -> Bool {
    var status = stat()
    return stat("\(path)-wal", &status) == 0 && status.st_size > 0
  }
}
