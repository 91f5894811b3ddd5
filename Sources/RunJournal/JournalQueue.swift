import Dispatch
import Synchronization

/// The one queue that uses the connection. Nothing else in the program touches the database.
final class JournalQueue: Sendable {
  /// The connection is not thread-safe; every use of it goes through the serial queue below.
  private struct Confined: @unchecked Sendable {
    let connection: SQLiteConnection
  }

  private let queue = DispatchQueue(label: "journal")
  private let confined: Confined

  init(connection: SQLiteConnection) { confined = Confined(connection: connection) }

  /// Runs `body` on the queue and hands its result over, without blocking a thread of the caller.
  func perform<Result: Sendable>(
    _ body: @escaping @Sendable (SQLiteConnection) throws -> Result
  ) async throws -> Result {
    let confined = confined
    return try await withCheckedThrowingContinuation { continuation in
      queue.async { @Sendable in
        continuation.resume(with: Swift.Result { try body(confined.connection) })
      }
    }
  }

  /// Queues `body` without waiting for it.
  func submit(_ body: @escaping @Sendable (SQLiteConnection) -> Void) {
    let confined = confined
    queue.async { @Sendable in body(confined.connection) }
  }
}
