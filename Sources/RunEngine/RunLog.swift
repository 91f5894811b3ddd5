import Platform
import RunJournal
import StrictJSON
import Synchronization

/// The journal of one run together with the state folded from it, shared by the steps under way.
final class RunLog: Sendable {
  private let journal: Journal
  private let lease: Lease
  private let state: Mutex<RunState>
  private let hasActed: Mutex<Bool>
  private let observer: @Sendable (JournalEvent) -> Void

  init(
    journal: Journal, lease: Lease, events: [JournalEvent],
    observer: @escaping @Sendable (JournalEvent) -> Void
  ) {
    self.journal = journal
    self.lease = lease
    self.observer = observer
    let folded = RunState(events)
    hasActed = Mutex(folded.moments.contains { $0.name == .firstAction })
    state = Mutex(folded)
  }

  /// Where the engine's own bookkeeping runs: where commits are made.
  var executor: any TaskExecutor { journal.executor }

  /// The whole state. While a copy of it lives, the next event has to copy it: not for every step.
  var current: RunState { state.withLock { $0 } }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  func step(_ id: String) -> StepState { state.withLock { $0.steps[id] ?? StepState() } }

  /// Whether nothing was asked to change before; true only once, however many ask side by side.
  func isFirstAction() -> Bool {
    hasActed.withLock { hasActed in
      defer { hasActed = true }
      return !hasActed
    }
  }

  func output(of step: String) -> JSONValue? { state.withLock { $0.steps[step]?.output } }

  func approvers(of step: String) -> [String] { state.withLock { $0.approvals[step] ?? [] } }

  /// Whether the journal has the instant already, and none after it of the same name.
  func isLatest(_ moment: Moment) -> Bool {
    state.withLock { state in
      moment
        == state.moments.last { $0.name == moment.name && $0.component == moment.component }
    }
  }

  /// Returns when the events are on the disk and part of the state. A cancelled task still writes:
  /// what has happened must be remembered.
  func write(_ drafts: [EventDraft]) async throws {
    guard !drafts.isEmpty else { return }
    let events = try await journal.append(drafts, under: lease)
    state.withLock { state in
      for event in events { state.apply(event) }
    }
    for event in events { observer(event) }
  }

  func write(_ draft: EventDraft) async throws { try await write([draft]) }

  func renewLease() async throws { try await journal.renew(lease) }
  func releaseLease() async throws { try await journal.release(lease) }

  func requests() async throws -> [(id: Int64, request: OperatorRequest)] {
    try await journal.requests(for: lease.run)
  }

  func forget(requests ids: [Int64]) async throws { try await journal.forget(requests: ids) }
}
