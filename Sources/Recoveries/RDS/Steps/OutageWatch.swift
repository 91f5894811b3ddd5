import Platform
import PostgresClient
import RunEngine
import RunJournal
import StrictJSON
import Synchronization

/// Connects to a database again and again beside the step, and adds up how long it did not answer.
final class OutageWatch: Sendable {
  private static let interval: Duration = .milliseconds(200)
  private static let patience: Duration = .seconds(2)
  private static let longest: Duration = .seconds(3_600)

  private struct Account {
    var task: Task<Void, Never>?
    /// Whether it was watched from before the change on, in this process.
    var isWhole = false
    var isAnswering = false
    var downSince: Int64?
    var nanoseconds: Int64 = 0
  }

  private let database: RestoredDatabase
  private let account = Mutex(Account())

  init(database: RestoredDatabase) { self.database = database }

  deinit { account.withLock { $0.task?.cancel() } }

  /// Whether the database answered the last time it was asked.
  var isAnswering: Bool { account.withLock { $0.isAnswering } }

  /// Begins to watch, unless it does already.
  ///
  /// - Parameter beforeTheChange: whether what comes is seen from its beginning.
  func begin(beforeTheChange: Bool, _ context: StepContext) {
    account.withLock { account in
      guard account.task == nil else { return }
      account.isWhole = beforeTheChange
      account.task = Task { [weak self, database] in
        let end = context.time.now().sinceBoot + Self.longest.wholeNanoseconds
        while context.time.now().sinceBoot < end, !Task.isCancelled {
          let asked = context.time.now().sinceBoot
          let client = try? database.client(context)
          let answer = try? await client?.scalar("select 1", timeout: Self.patience)
          self?.take(answer == "1", asked: asked, now: context.time.now().sinceBoot)
          guard (try? await context.time.sleep(for: Self.interval)) != nil else { return }
        }
      }
    }
  }

  /// Ends the watch and tells what was seen.
  func end(of instance: String, _ context: StepContext) {
    let (isWhole, nanoseconds) = account.withLock { account in
      account.task?.cancel()
      return (account.isWhole, account.nanoseconds)
    }
    let milliseconds = nanoseconds / 1_000_000
    context.keep("unavailable_ms", .integer(milliseconds))
    context.note(
      Finding(
        .note,
        "\(instance) did not answer for \(milliseconds) ms while its standby took over"
          + (isWhole ? "." : ", as far as it was watched: a part of it was not.")))
  }

  private func take(_ answers: Bool, asked: Int64, now: Int64) {
    account.withLock { account in
      account.isAnswering = answers
      if let since = account.downSince, answers {
        account.nanoseconds += now - since
        account.downSince = nil
      } else if account.downSince == nil, !answers {
        account.downSince = asked
      }
    }
  }
}
