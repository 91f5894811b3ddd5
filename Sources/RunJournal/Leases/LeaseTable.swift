import Platform
import StrictJSON

/// The rows behind leases. The token outlives its holder, so that it only ever grows.
enum LeaseTable {
  static func acquire(
    run: String, by process: ProcessIdentity, at now: Timestamp, _ connection: SQLiteConnection
  ) throws -> Lease {
    if let holder = try holder(of: run, connection), holder.process != process,
      holder.isAlive(at: now)
    {
      throw LeaseRefused(run: run, holder: holder)
    }
    let last = try connection.query("SELECT token FROM leases WHERE run = ?", [.text(run)]) {
      $0.integer(0)
    }
    let token = (last.first ?? 0) + 1
    let holder = String(
      decoding: try JSONValue(encoding: process).canonicalBytes(), as: UTF8.self)
    try connection.run(
      "INSERT OR REPLACE INTO leases (run, token, holder, since, heartbeat) VALUES (?, ?, ?, ?, ?)",
      [
        .text(run), .integer(token), .text(holder), .text(now.description),
        .text(now.description),
      ])
    return Lease(run: run, token: token)
  }

  static func renew(_ lease: Lease, at now: Timestamp, _ connection: SQLiteConnection) throws {
    try connection.run(
      "UPDATE leases SET heartbeat = ? WHERE run = ? AND token = ? AND holder IS NOT NULL",
      [.text(now.description), .text(lease.run), .integer(lease.token)])
    guard connection.changes == 1 else { throw LeaseLost(run: lease.run) }
  }

  static func release(_ lease: Lease, _ connection: SQLiteConnection) throws {
    try connection.run(
      "UPDATE leases SET holder = NULL WHERE run = ? AND token = ?",
      [.text(lease.run), .integer(lease.token)])
  }

  static func holder(of run: String, _ connection: SQLiteConnection) throws -> LeaseHolder? {
    let rows = try connection.query(
      "SELECT holder, since, heartbeat FROM leases WHERE run = ? AND holder IS NOT NULL",
      [.text(run)]
    ) { ($0.blob(0), $0.text(1), $0.text(2)) }
    guard let (bytes, since, heartbeat) = rows.first,
      let process = try? JSONValue(parsing: bytes).decode(ProcessIdentity.self),
      let since = Timestamp(since), let heartbeat = Timestamp(heartbeat)
    else { return nil }
    return LeaseHolder(process: process, since: since, heartbeat: heartbeat)
  }
}
