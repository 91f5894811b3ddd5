import Dispatch
import Synchronization

/// The one queue that uses the connection. Nothing else in the program touches the database.
///
/// Tasks may prefer it as their executor: one that does little but append then goes on where its
/// append was committed, without waking another thread for it.
final class JournalQueue: TaskExecutor {
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

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { @Sendable [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
