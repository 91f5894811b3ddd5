import CSQLite
import Platform
import StrictJSON

/// The floor: commits of rows as large as the journal's, with SQLite alone and the same pragmas.
enum RawCommits {
  struct Refused: Error { let code: Int32 }

  static func run(commits: Int, rows: Int, _ folder: String) throws -> JSONValue {
    var opened: OpaquePointer?
    try check(sqlite3_open("\(folder)/raw.sqlite", &opened))
    defer { sqlite3_close(opened) }
    try execute(
      """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE events (run TEXT NOT NULL, sequence INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (run, sequence)) STRICT, WITHOUT ROWID;
      """, opened)
    var insert: OpaquePointer?
    try check(
      sqlite3_prepare_v2(opened, "INSERT INTO events VALUES ('r', ?, ?)", -1, &insert, nil))
    defer { sqlite3_finalize(insert) }
    let body = String(repeating: "x", count: 320)
    let watch = Stopwatch()
    var sequence: Int64 = 0
    for _ in 0..<commits {
      try execute("BEGIN IMMEDIATE", opened)
      for _ in 0..<rows {
        sequence += 1
        sqlite3_bind_int64(insert, 1, sequence)
        mdr_bind_text(insert, 2, body, Int32(body.utf8.count))
        guard sqlite3_step(insert) == SQLITE_DONE else { throw Refused(code: 1) }
        sqlite3_reset(insert)
      }
      try execute("COMMIT", opened)
    }
    return watch.result()
  }

  private static func execute(_ sql: String, _ handle: OpaquePointer?) throws {
    try check(sqlite3_exec(handle, sql, nil, nil, nil))
  }

  private static func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw Refused(code: code) }
  }
}
