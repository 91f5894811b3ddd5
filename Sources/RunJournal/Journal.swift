public import Platform
import StrictJSON

/// The durable memory of all runs: one SQLite file in the state folder.
///
/// An event is on the disk (WAL, `synchronous=FULL`) when `append` returns. Events are never
/// changed, each run's events form a hash chain, and only whole runs that have ended are ever
/// removed (``prune(_:by:)``).
public final class Journal: Sendable {
  private let queue: JournalQueue
  private let appends: AppendQueue
  private let time: any TimeSource
  /// The database file.
  public let path: String

  private static func path(in folder: String) -> String { "\(folder)/journal.sqlite" }

  /// Whether a folder holds a journal.
  public static func exists(in folder: String) -> Bool { DurableFile.exists(path(in: folder)) }

  /// Opens the journal of a state folder, making the folder (0700) and the file (0600) when they
  /// are missing. In a folder that was made for a group the file is the group's too (0660).
  ///
  /// - Parameter access: what the journal is opened for.
  /// - Throws: `FileError`, ``SQLiteError``, ``JournalVersionError``.
  public init(
    folder: String, time: any TimeSource, access: JournalAccess = .writing
  ) throws {
    path = Self.path(in: folder)
    let connection = try JournalOpening.open(path, in: folder, access)
    queue = JournalQueue(connection: connection)
    appends = AppendQueue(queue: queue, time: time)
    self.time = time
  }

  var now: Timestamp { time.now().wall }

  /// Where commits are made. A task that does little but append runs fastest here; what takes long
  /// would keep every commit waiting, and belongs elsewhere.
  public var executor: any TaskExecutor { queue }

  /// Runs `body` on the one queue that uses the database.
  func perform<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws -> Result { try await queue.perform(body) }

  /// Records a new run with its plan and first events, and takes its lease: all or nothing.
  ///
  /// - Parameter included: the bytes of plans that the plan includes, by their digests.
  public func create(
    _ record: RunRecord, planBytes: [UInt8], included: [String: [UInt8]] = [:],
    opening drafts: [EventDraft], holder: ProcessIdentity
  ) async throws -> (lease: Lease, events: [JournalEvent]) {
    let reading = time.now()
    return try await queue.perform { connection in
      try connection.transaction {
        let plans = included.merging([record.planDigest: planBytes]) { $1 }
        for (digest, bytes) in plans {
          try connection.run(
            "INSERT OR IGNORE INTO plans (digest, bytes) VALUES (?, ?)",
            [.text(digest), .blob(bytes)])
        }
        try connection.run(
          "INSERT INTO runs (id, plan_name, plan_digest, mode, created_at) VALUES (?, ?, ?, ?, ?)",
          [
            .text(record.id), .text(record.planName), .text(record.planDigest), .text(record.mode),
            .text(record.createdAt.formatted(fractionDigits: 9)),
          ])
        let lease = try LeaseTable.acquire(
          run: record.id, by: holder, at: reading.wall, connection)
        var events: [JournalEvent] = []
        for draft in drafts {
          let event = try JournalEvent(
            draft: draft, run: record.id, sequence: Int64(events.count + 1), at: reading,
            fence: lease.token, previous: events.last?.hash ?? JournalEvent.origin)
          try AppendQueue.insert(event, connection)
          events.append(event)
        }
        return (lease, events)
      }
    }
  }

  /// Appends events to a run, together with whatever else is being appended at this moment.
  ///
  /// - Throws: ``LeaseLost`` when the lease was taken over; ``SQLiteError``, as for a full disk.
  public func append(_ drafts: [EventDraft], under lease: Lease) async throws -> [JournalEvent] {
    try await appends.append(drafts, under: lease)
  }

  /// The events of a run from `sequence` on, in order.
  public func events(of run: String, from sequence: Int64 = 1) async throws -> [JournalEvent] {
    try await queue.perform { connection in
      try JournalReading.events(of: run, from: sequence, connection)
    }
  }

  /// The run with this identifier; nil when there is none.
  public func run(_ id: String) async throws -> RunRecord? {
    try await queue.perform { try JournalReading.runs(where: "id = ?", [.text(id)], $0).first }
  }

  /// The newest runs first, with their state.
  public func runs(plan: String? = nil, limit: Int = 50) async throws -> [RunSummary] {
    try await queue.perform { try JournalReading.summaries(plan: plan, limit: limit, $0) }
  }

  /// The exact bytes of the plan with this digest.
  public func planBytes(_ digest: String) async throws -> [UInt8]? {
    try await queue.perform { connection in
      try connection.query("SELECT bytes FROM plans WHERE digest = ?", [.text(digest)]) {
        $0.blob(0)
      }.first
    }
  }

  /// Takes the right to execute a run.
  ///
  /// - Throws: ``LeaseRefused`` while another process holds it and may still live.
  public func acquireLease(of run: String, by holder: ProcessIdentity) async throws -> Lease {
    let now = time.now().wall
    return try await queue.perform { connection in
      try connection.transaction {
        try LeaseTable.acquire(run: run, by: holder, at: now, connection)
      }
    }
  }

  /// Says that the holder lives.
  ///
  /// - Throws: ``LeaseLost``.
  public func renew(_ lease: Lease) async throws {
    let now = time.now().wall
    try await queue.perform { try LeaseTable.renew(lease, at: now, $0) }
  }

  /// Gives the right back; nothing happens when it was lost already.
  public func release(_ lease: Lease) async throws {
    try await queue.perform { try LeaseTable.release(lease, $0) }
  }

  /// Who executes a run; nil when nobody does.
  public func holder(of run: String) async throws -> LeaseHolder? {
    try await queue.perform { try LeaseTable.holder(of: run, $0) }
  }

  /// Leaves a request for whoever executes the run.
  public func ask(_ request: OperatorRequest, of run: String) async throws {
    let now = time.now().wall
    let body = String(decoding: try JSONValue(encoding: request).canonicalBytes(), as: UTF8.self)
    try await queue.perform { connection in
      try connection.run(
        "INSERT INTO requests (run, body, asked_at) VALUES (?, ?, ?)",
        [.text(run), .text(body), .text(now.description)])
    }
  }

  /// The requests for a run, oldest first, with the numbers to ``forget(requests:)`` them by.
  public func requests(for run: String) async throws -> [(id: Int64, request: OperatorRequest)] {
    try await queue.perform { connection in
      let rows = try connection.query(
        "SELECT id, body FROM requests WHERE run = ? ORDER BY id", [.text(run)]
      ) { ($0.integer(0), $0.blob(1)) }
      return try rows.map { ($0, try JSONValue(parsing: $1).decode(OperatorRequest.self)) }
    }
  }

  /// Removes requests whose outcome is journaled.
  public func forget(requests ids: [Int64]) async throws {
    try await queue.perform { connection in
      for id in ids { try connection.run("DELETE FROM requests WHERE id = ?", [.integer(id)]) }
    }
  }
}
