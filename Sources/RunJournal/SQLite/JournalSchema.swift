public import Platform

/// The tables of the journal, as a list of migrations that is only ever added to.
enum JournalSchema {
  /// "mdrj": tells this program's files from any other SQLite file.
  static let applicationID: Int64 = 0x6D64_726A

  private static let migrations = [
    """
    CREATE TABLE plans (
      digest TEXT PRIMARY KEY,
      bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      plan_name TEXT NOT NULL,
      plan_digest TEXT NOT NULL REFERENCES plans (digest),
      mode TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_plan ON runs (plan_name, id);
    CREATE TABLE events (
      run TEXT NOT NULL REFERENCES runs (id),
      sequence INTEGER NOT NULL,
      type TEXT NOT NULL,
      step TEXT,
      attempt INTEGER,
      wall TEXT NOT NULL,
      since_boot_us INTEGER NOT NULL,
      fence INTEGER NOT NULL,
      body TEXT NOT NULL,
      previous TEXT NOT NULL,
      hash TEXT NOT NULL,
      PRIMARY KEY (run, sequence)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX run_level_events ON events (run, sequence) WHERE step IS NULL;
    CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
      BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
      BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TABLE leases (
      run TEXT PRIMARY KEY REFERENCES runs (id),
      token INTEGER NOT NULL,
      holder TEXT,
      since TEXT,
      heartbeat TEXT
    ) STRICT;
    CREATE TABLE requests (
      id INTEGER PRIMARY KEY,
      run TEXT NOT NULL REFERENCES runs (id),
      body TEXT NOT NULL,
      asked_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX requests_by_run ON requests (run, id);
    CREATE VIEW checkpoints AS
      SELECT e.run, e.step, e.type AS state, e.attempt, e.wall AS at, e.sequence, e.body
      FROM events AS e
      JOIN (
        SELECT run, step, max(sequence) AS latest FROM events
        WHERE step IS NOT NULL AND type LIKE 'step.%' GROUP BY run, step
      ) AS last ON last.run = e.run AND last.latest = e.sequence;
    """,
    """
    CREATE TABLE pruned (
      run TEXT PRIMARY KEY REFERENCES runs (id),
      events INTEGER NOT NULL,
      last_hash TEXT NOT NULL,
      pruned_at TEXT NOT NULL,
      by TEXT NOT NULL
    ) STRICT;
    DROP TRIGGER events_are_never_deleted;
    CREATE TRIGGER events_are_deleted_only_when_pruned BEFORE DELETE ON events
      WHEN NOT EXISTS (SELECT 1 FROM pruned WHERE run = OLD.run)
      BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER nothing_follows_a_pruned_run BEFORE INSERT ON events
      WHEN EXISTS (SELECT 1 FROM pruned WHERE run = NEW.run)
      BEGIN SELECT RAISE(ABORT, 'the run was pruned'); END;
    """,
    // A number is never used again: whoever has seen a request knows the next one for another.
    """
    ALTER TABLE requests RENAME TO former_requests;
    CREATE TABLE requests (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      run TEXT NOT NULL REFERENCES runs (id),
      body TEXT NOT NULL,
      asked_at TEXT NOT NULL
    ) STRICT;
    INSERT INTO requests (id, run, body, asked_at)
      SELECT id, run, body, asked_at FROM former_requests;
    DROP TABLE former_requests;
    CREATE INDEX requests_by_run ON requests (run, id);
    """,
  ]

  static var version: Int64 { Int64(migrations.count) }

  /// Reads a database's version.
  ///
  /// - Throws: ``JournalVersionError`` when the file is of a newer program or not a journal.
  @discardableResult
  static func checkVersion(_ connection: SQLiteConnection) throws -> Int64 {
    let found = try number("user_version", connection)
    let application = try number("application_id", connection)
    guard found == 0 || application == applicationID else {
      throw JournalVersionError(path: connection.path, found: nil, known: version)
    }
    guard found <= version else {
      throw JournalVersionError(path: connection.path, found: found, known: version)
    }
    return found
  }

  private static func number(_ pragma: String, _ connection: SQLiteConnection) throws -> Int64 {
    try connection.query("PRAGMA \(pragma)") { $0.integer(0) }.first ?? 0
  }

  /// Brings a database to the newest version, one transaction a step.
  ///
  /// - Throws: ``JournalVersionError``.
  static func migrate(_ connection: SQLiteConnection) throws {
    for next in Int(try checkVersion(connection))..<migrations.count {
      try connection.transaction {
        // Another process may have been faster.
        guard try number("user_version", connection) == Int64(next) else { return }
        try connection.execute(migrations[next])
        try connection.execute("PRAGMA application_id = \(applicationID)")
        try connection.execute("PRAGMA user_version = \(next + 1)")
      }
    }
  }
}

/// The file is not a journal that this program can use.
public struct JournalVersionError: ExplainedError, Equatable {
  /// The file.
  public let path: String
  /// Its version; nil when it is no journal at all.
  public let found: Int64?
  /// The newest version this program knows.
  public let known: Int64

  public var summary: String { "the journal cannot be used" }
  public var subject: String? { path }
  public var reason: String {
    found.map { "it has version \($0), and this program knows versions up to \(known)" }
      ?? "it is a database of another program"
  }
  public var remedy: String {
    found == nil
      ? "Choose another place with --state." : "Use the newer mosaic-dr that wrote it."
  }
}
