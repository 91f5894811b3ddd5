import CPostgres
import Dispatch
import Platform

/// Asks one PostgreSQL server single questions over TLS (`sslmode=verify-full`).
///
/// Each question has its own connection: a check must not depend on what an earlier one left in a
/// session. libpq blocks, so the work is done on a queue of its own.
public struct PostgresClient: Sendable {
  private let target: PostgresTarget

  /// Creates a client; nothing is connected until the first question.
  public init(_ target: PostgresTarget) { self.target = target }

  /// Runs one statement and returns the first column of its first row as text; nil for NULL or when
  /// there is no row.
  ///
  /// - Parameters:
  ///   - sql: one statement.
  ///   - access: whether it may change data; the server enforces it.
  ///   - timeout: the bound on the statement; the server enforces it.
  /// - Throws: ``PostgresError``.
  public func scalar(
    _ sql: String, access: PostgresAccess = .readOnly, timeout: Duration
  ) async throws -> String? {
    let target = target
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "postgres").async { @Sendable in
        continuation.resume(
          with: Result {
            let session = try Session(target, access: access, timeout: timeout)
            return try session.scalar(sql)
          })
      }
    }
  }
}

/// One connection; lives on the queue that made it.
private final class Session {
  private let connection: OpaquePointer
  private let place: String

  init(_ target: PostgresTarget, access: PostgresAccess, timeout: Duration) throws(PostgresError) {
    let milliseconds = max(timeout.wholeMilliseconds, 1)
    let readOnly = access == .readOnly ? "on" : "off"
    var settings: [(String, String)] = [
      ("host", target.host), ("port", String(target.port)), ("dbname", target.database),
      ("user", target.user), ("sslmode", "verify-full"),
      ("connect_timeout", String(max(2, target.connectTimeout.wholeMilliseconds / 1_000))),
      ("tcp_user_timeout", String(milliseconds + 15_000)), ("application_name", "mosaic-dr"),
      ("client_encoding", "UTF8"),
      (
        "options",
        "-c default_transaction_read_only=\(readOnly) -c statement_timeout=\(milliseconds)"
          + " -c lock_timeout=\(milliseconds)"
      ),
    ]
    if let password = target.password { settings.append(("password", password.reveal())) }
    if let authorities = target.rootCertificate { settings.append(("sslrootcert", authorities)) }
    place = target.place
    let opened = Self.withCStrings(settings.map(\.0)) { keywords in
      Self.withCStrings(settings.map(\.1)) { values in PQconnectdbParams(keywords, values, 0) }
    }
    guard let opened else {
      throw PostgresError(
        kind: .unreachable, place: place, sqlState: nil, detail: "libpq has no memory")
    }
    connection = opened
    guard PQstatus(connection) == CONNECTION_OK else {
      throw refusal(String(cString: PQerrorMessage(connection)))
    }
  }

  deinit { PQfinish(connection) }

  func scalar(_ sql: String) throws(PostgresError) -> String? {
    let result = PQexec(connection, sql)
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK:
      guard PQntuples(result) > 0, PQnfields(result) > 0, PQgetisnull(result, 0, 0) == 0 else {
        return nil
      }
      return PQgetvalue(result, 0, 0).map { String(cString: $0) }
    case PGRES_COMMAND_OK: return nil
    default:
      let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
      let words = Self.firstLine(String(cString: PQresultErrorMessage(result)))
      let isBroken = PQstatus(connection) != CONNECTION_OK || state == "57014"
      throw PostgresError(
        kind: isBroken ? .interrupted : .statementRefused, place: place, sqlState: state,
        detail: PostgresError.tellable(words, state))
    }
  }

  /// libpq hands out no SQLSTATE for a failed connection, only the server's words.
  private func refusal(_ message: String) -> PostgresError {
    let kind: PostgresError.Kind
    switch message {
    case _ where message.contains("authentication failed"), _ where message.contains("pg_hba.conf"),
      _ where message.contains("is not permitted to log in"),
      _ where message.contains("no password supplied"),
      _ where message.contains("does not exist"):
      kind = .loginRefused
    case _ where message.contains("starting up"), _ where message.contains("shutting down"),
      _ where message.contains("recovery mode"):
      kind = .notReady
    default: kind = .unreachable
    }
    return PostgresError(
      kind: kind, place: place, sqlState: nil, detail: Self.attempts(message))
  }

  /// A name may have several addresses: what each of them said.
  private static func attempts(_ message: String) -> String {
    let attempts = message.split(whereSeparator: \.isNewline).map(String.init)
      .filter { $0.hasPrefix("connection to server") }
    return attempts.isEmpty ? firstLine(message) : attempts.joined(separator: "; ")
  }

  private static func firstLine(_ message: String) -> String {
    let line = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? message
    return line.trimmingWhitespace()
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
  ) -> Result {
    let arrays = texts.map { Array($0.utf8CString) }
    var pointers: [UnsafePointer<CChar>?] = []
    func descend(_ index: Int) -> Result {
      guard index < arrays.count else {
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
      }
      return arrays[index].withUnsafeBufferPointer { buffer in
        pointers.append(buffer.baseAddress)
        return descend(index + 1)
      }
    }
    return descend(0)
  }
}
