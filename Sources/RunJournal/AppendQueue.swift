import Platform
import StrictJSON
import Synchronization

/// Gathers appends that come while the disk is busy with earlier ones, and commits them together:
/// one fsync serves every step that is ready at that moment (group commit).
final class AppendQueue: Sendable {
  private struct Pending {
    let lease: Lease
    let drafts: [EventDraft]
    let continuation: CheckedContinuation<[JournalEvent], any Error>
  }

  /// The last event of a run as this process wrote it. It still is the last one as long as the lease
  /// is the same: nobody else may write.
  private struct Tail {
    let token: Int64
    var sequence: Int64
    var hash: String
  }
  private typealias Tails = [String: Tail]

  private let queue: JournalQueue
  private let time: any TimeSource
  private let pending = Mutex<[Pending]>([])
  private let known = Mutex<Tails>([:])

  init(queue: JournalQueue, time: any TimeSource) {
    self.queue = queue
    self.time = time
  }

  /// Returns when the events are on the disk.
  func append(_ drafts: [EventDraft], under lease: Lease) async throws -> [JournalEvent] {
    try await withCheckedThrowingContinuation { continuation in
      let isFirst = pending.withLock { pending in
        pending.append(Pending(lease: lease, drafts: drafts, continuation: continuation))
        return pending.count == 1
      }
      if isFirst { queue.submit { [self] connection in commitAll(connection) } }
    }
  }

  private func commitAll(_ connection: SQLiteConnection) {
    let batch = pending.withLock { pending in
      defer { pending = [] }
      return pending
    }
    do {
      var tails = known.withLock { $0 }
      let written = try connection.transaction {
        try batch.map { try write($0, connection, &tails) }
      }
      // Only what is on the disk is known.
      known.withLock { $0 = tails }
      for (append, result) in zip(batch, written) { append.continuation.resume(with: result) }
    } catch {
      for append in batch { append.continuation.resume(throwing: error) }
    }
  }

  /// A lost lease concerns one run only; everything else fails the whole batch.
  private func write(
    _ append: Pending, _ connection: SQLiteConnection, _ tails: inout Tails
  ) throws -> Result<[JournalEvent], any Error> {
    let run = append.lease.run
    let holds = try connection.query(
      "SELECT token FROM leases WHERE run = ? AND holder IS NOT NULL", [.text(run)]
    ) { $0.integer(0) }
    guard holds == [append.lease.token] else { return .failure(LeaseLost(run: run)) }
    let token = append.lease.token
    var tail =
      if let known = tails[run], known.token == token {
        known
      } else {
        try Self.tail(of: run, token, connection)
      }
    var events: [JournalEvent] = []
    for draft in append.drafts {
      let event = try JournalEvent(
        draft: draft, run: run, sequence: tail.sequence + 1, at: time.now(),
        fence: append.lease.token, previous: tail.hash)
      try Self.insert(event, connection)
      tail.sequence = event.sequence
      tail.hash = event.hash
      events.append(event)
    }
    tails[run] = tail
    return .success(events)
  }

  private static func tail(
    of run: String, _ token: Int64, _ connection: SQLiteConnection
  ) throws -> Tail {
    let last = try connection.query(
      "SELECT sequence, hash FROM events WHERE run = ? ORDER BY sequence DESC LIMIT 1", [.text(run)]
    ) { Tail(token: token, sequence: $0.integer(0), hash: $0.text(1)) }
    return last.first ?? Tail(token: token, sequence: 0, hash: JournalEvent.origin)
  }

  static func insert(_ event: JournalEvent, _ connection: SQLiteConnection) throws {
    let body = String(decoding: try event.body.canonicalBytes(), as: UTF8.self)
    try connection.run(
      """
      INSERT INTO events
        (run, sequence, type, step, attempt, wall, since_boot_us, fence, body, previous, hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(event.run), .integer(event.sequence), .text(event.type.rawValue),
        event.step.map { .text($0) } ?? .null, event.attempt.map { .integer(Int64($0)) } ?? .null,
        .text(event.at.wall.formatted(fractionDigits: 9)), .integer(event.at.sinceBoot / 1_000),
        .integer(event.fence), .text(body), .text(event.previous), .text(event.hash),
      ])
  }
}
