import Platform
import StrictJSON

/// The queries of the journal.
enum JournalReading {
  static func events(
    of run: String, from sequence: Int64, _ connection: SQLiteConnection
  ) throws -> [JournalEvent] {
    let rows = try connection.query(
      """
      SELECT sequence, type, step, attempt, wall, since_boot_us, fence, body, previous, hash
      FROM events WHERE run = ? AND sequence >= ? ORDER BY sequence
      """, [.text(run), .integer(sequence)]
    ) { row -> (JournalEvent.Stored, [UInt8]) in
      let stored = JournalEvent.Stored(
        sequence: row.integer(0), type: row.text(1), step: row.isNull(2) ? nil : row.text(2),
        attempt: row.isNull(3) ? nil : Int(row.integer(3)), wall: row.text(4),
        sinceBoot: row.integer(5), fence: row.integer(6), previous: row.text(8), hash: row.text(9))
      return (stored, row.blob(7))
    }
    return try rows.map { stored, body in
      guard let type = EventType(rawValue: stored.type), let wall = Timestamp(stored.wall),
        let at = ClockReading(wall: wall, microsecondsSinceBoot: stored.sinceBoot),
        let body = try? JSONValue(parsing: body)
      else {
        throw BrokenChain(run: run, sequence: stored.sequence, problem: "it cannot be read")
      }
      return JournalEvent(
        run: run, sequence: stored.sequence, type: type, step: stored.step,
        attempt: stored.attempt, at: at, fence: stored.fence, body: body,
        previous: stored.previous, hash: stored.hash)
    }
  }

  static func runs(
    where condition: String, _ values: [SQLiteValue], _ connection: SQLiteConnection
  ) throws -> [RunRecord] {
    try connection.query(
      """
      SELECT id, plan_name, plan_digest, mode, created_at FROM runs WHERE \(condition)
      ORDER BY id DESC
      """, values
    ) { row in
      RunRecord(
        id: row.text(0), planName: row.text(1), planDigest: row.text(2), mode: row.text(3),
        createdAt: Timestamp(row.text(4)) ?? Timestamp(unixSeconds: 0))
    }
  }

  static func summaries(
    plan: String?, limit: Int, _ connection: SQLiteConnection
  ) throws -> [RunSummary] {
    let bound = SQLiteValue.integer(Int64(limit))
    let records =
      if let plan {
        try runs(
          where: "id IN (SELECT id FROM runs WHERE plan_name = ? ORDER BY id DESC LIMIT ?)",
          [.text(plan), bound], connection)
      } else {
        try runs(
          where: "id IN (SELECT id FROM runs ORDER BY id DESC LIMIT ?)", [bound], connection)
      }
    return try records.map { record in
      let latest =
        try connection.query(
          """
          SELECT type FROM events WHERE run = ? AND step IS NULL
            AND type IN ('run.created', 'run.attached', 'run.detached', 'run.finished',
                         'run.reopened', 'run.cancelled', 'approval.requested', 'approval.granted')
          ORDER BY sequence DESC LIMIT 1
          """, [.text(record.id)]
        ) { EventType(rawValue: $0.text(0)) }.first ?? nil
      return RunSummary(
        record: record, latest: latest,
        holder: try LeaseTable.holder(of: record.id, connection),
        isPruned: try latest == nil
          && !connection.query("SELECT 1 FROM pruned WHERE run = ?", [.text(record.id)]) { _ in 0 }
            .isEmpty
      )
    }
  }
}

extension JournalEvent {
  /// The columns of a row before they are known to make sense.
  struct Stored {
    let sequence: Int64
    let type: String
    let step: String?
    let attempt: Int?
    let wall: String
    let sinceBoot: Int64
    let fence: Int64
    let previous: String
    let hash: String
  }
}
