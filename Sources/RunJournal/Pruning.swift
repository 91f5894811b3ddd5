public import Platform

/// What is left in the journal of a run whose events were removed: enough to tell that the report
/// of the run is the one that belongs to it.
public struct PrunedRun: Sendable, Equatable, ExplainedError {
  /// The run.
  public let run: String
  /// How many events it had.
  public let events: Int64
  /// The hash of the last one, which its report names too.
  public let lastHash: String
  /// When they were removed.
  public let at: Timestamp
  /// Who asked for it.
  public let by: String

  public var summary: String { "the events of the run are no longer in the journal" }
  public var subject: String? { "run \(run)" }
  public var reason: String {
    "\(by) had its \(events) events pruned on \(at); the last one had the hash \(lastHash)"
  }
  public var remedy: String { "Read its report: 'mosaic-dr verify' shows that it is whole." }
}

extension Journal {
  /// Removes the events of a run that has ended, for good. The row that remains names their number
  /// and the last hash.
  ///
  /// - Returns: nil when somebody executes the run, or it was pruned already.
  public func prune(_ run: String, by person: String) async throws -> PrunedRun? {
    let now = now
    return try await perform { connection in
      try connection.transaction {
        guard try LeaseTable.holder(of: run, connection) == nil else { return nil }
        guard let last = try JournalReading.events(of: run, from: 1, connection).last else {
          return nil
        }
        let pruned = PrunedRun(
          run: run, events: last.sequence, lastHash: last.hash, at: now, by: person)
        try connection.run(
          "INSERT INTO pruned (run, events, last_hash, pruned_at, by) VALUES (?, ?, ?, ?, ?)",
          [
            .text(run), .integer(pruned.events), .text(pruned.lastHash),
            .text(now.formatted(fractionDigits: 9)), .text(person),
          ])
        try connection.run("DELETE FROM events WHERE run = ?", [.text(run)])
        try connection.run("DELETE FROM requests WHERE run = ?", [.text(run)])
        return pruned
      }
    }
  }

  /// Gives the room of what was removed back to the file system.
  public func compact() async throws {
    try await perform { connection in
      try connection.execute("VACUUM")
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  /// What is left of a pruned run; nil when the run was not pruned.
  public func pruned(_ run: String) async throws -> PrunedRun? {
    try await perform { connection in
      try connection.query(
        "SELECT events, last_hash, pruned_at, by FROM pruned WHERE run = ?", [.text(run)]
      ) { row in
        PrunedRun(
          run: run, events: row.integer(0), lastHash: row.text(1),
          at: Timestamp(row.text(2)) ?? Timestamp(unixSeconds: 0), by: row.text(3))
      }.first
    }
  }
}
