import Platform

/// Compares one range from its beginning to its end.
struct RangeComparer: Sendable {
  let source: any ListingSource
  let replica: any ListingSource
  let includesVersions: Bool
  let settlement: Settlement
  let ledger: ComparisonLedger
  let board: RangeBoard
  let time: any TimeSource

  /// - Parameter executor: where pages are fetched; nil for anywhere.
  /// - Throws: when a listing, a look at an object, or the list of findings fails.
  nonisolated(nonsending) func compare(
    _ range: KeyRange, as id: Int, on executor: (any TaskExecutor)?
  ) async throws {
    let query = ListingQuery(prefix: range.prefix, includesVersions: includesVersions)
    var left = ListingCursor(source, query, range, on: executor)
    var right = ListingCursor(replica, query, range, on: executor)
    defer {
      left.cancel()
      right.cancel()
    }
    var from = range.after
    var isDone = false
    var reading = Reading()
    while !isDone {
      let (bound, seen) = try await fill(&left, &right, &reading, id)
      var rows = JoinedRows()
      if includesVersions {
        // It reads the pages that follow: the wait for them is a part of it.
        let began = time.now().sinceBoot
        isDone = try await VersionJoin.join(
          &left, &right, upTo: bound, seen: seen, into: &rows)
        reading.waited += time.now().sinceBoot - began
      } else {
        isDone = MergeJoin.join(&left, &right, upTo: bound, into: &rows)
      }
      let (tally, lines) = try await settlement.settle(rows)
      try await ledger.note(
        .init(after: from, upTo: rows.doneUpTo), of: range.prefix, tally, lines)
      from = rows.doneUpTo
    }
    board.finish(id)
  }

  /// What the board has not been told yet, or not told again.
  private struct Reading {
    /// How many pages it knows of.
    var pages = 0
    /// How long has been waited since it was told; nanoseconds.
    var waited: Int64 = 0
  }

  /// Reads pages where they are needed, and says how far the range goes, and how far it is looked at.
  private nonisolated(nonsending) func fill(
    _ left: inout ListingCursor, _ right: inout ListingCursor, _ reading: inout Reading, _ id: Int
  ) async throws -> (bound: [UInt8]?, seen: [UInt8]?) {
    let began = time.now().sinceBoot
    try await left.fill()
    try await right.fill(beside: includesVersions ? nil : left.twin)
    let seen = [left.page.lastKey, right.page.lastKey].compactMap { $0 }
      .max { KeyOrder.isLess($0, $1) }
    let pages = left.pages + right.pages
    let (bound, isWaitedFor) = board.look(
      id, upTo: seen, waited: reading.waited + time.now().sinceBoot - began,
      pages: pages - reading.pages)
    reading = Reading(pages: pages)
    if isWaitedFor {
      left.goFurtherAhead()
      right.goFurtherAhead()
    }
    return (bound, seen)
  }
}
