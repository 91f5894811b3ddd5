import Platform
import RunJournal

/// What several commands ask of the journal.
extension Journal {
  /// The events of a run, after checking that their chain is whole.
  @inline(never)  // Inlined into its callers, it crashes the optimizer of Swift 6.3.1.
  func verifiedEvents(of run: String) async throws -> [JournalEvent] {
    let events = try await events(of: run)
    if events.isEmpty, let pruned = try await pruned(run) { throw pruned }
    _ = try EventChain.verify(events)
    return events
  }

  /// Whether a process executes a run.
  func isUnderWay(_ run: String, at now: Timestamp) async throws -> Bool {
    try await holder(of: run)?.isAlive(at: now) ?? false
  }

  /// The journal has no run of that name.
  func doesNotKnow(_ run: String) -> Problem {
    Problem(
      "there is no such run", on: run, because: "the journal \(path) does not know it",
      fix: "See 'mosaic-dr runs'.")
  }
}

extension RunSummary {
  /// Whether a process executes it.
  func isUnderWay(at now: Timestamp) -> Bool { holder?.isAlive(at: now) ?? false }
}
