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

  /// - Throws: when a listing, a look at an object, or the list of findings fails.
  func compare(_ range: KeyRange, as id: Int) async throws {
    let query = ListingQuery(prefix: range.prefix, includesVersions: includesVersions)
    var left = ListingCursor(source, query, range)
    var right = ListingCursor(replica, query, range)
    defer {
      left.cancel()
      right.cancel()
    }
    var from = range.after
    var isDone = false
    while !isDone {
      let bound = try await fill(&left, &right, id)
      var rows = JoinedRows()
      if includesVersions {
        isDone = try await VersionJoin.join(&left, &right, upTo: bound, into: &rows)
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

  /// Reads pages where they are needed, and says how far the range goes.
  private func fill(
    _ left: inout ListingCursor, _ right: inout ListingCursor, _ id: Int
  ) async throws -> [UInt8]? {
    let began = time.now().sinceBoot
    let before = left.pages + right.pages
    try await left.fill()
    try await right.fill()
    let seen = [left.page.lastKey, right.page.lastKey].compactMap { $0 }
      .max { KeyOrder.isLess($0, $1) }
    return board.look(
      id, upTo: seen, waited: time.now().sinceBoot - began,
      pages: left.pages + right.pages - before)
  }
}
