import Evidence
import Measurement
import Platform
import RunJournal
import StrictJSON
import Synchronization

/// Tells others of a run as it goes, without holding it up: notices are sent beside it, and what does
/// not arrive is only said.
final class RunBroadcast: Sendable {
  private let notifiers: [any Notifier]
  private let run: ULID
  private let creation: RunCreation
  private let incident: Timestamp
  private let terminal: Terminal
  private let sent = Mutex((tasks: [Task<Void, Never>](), isAtRisk: false))

  init(
    _ notifiers: [any Notifier], run: ULID, _ creation: RunCreation, incident: Timestamp,
    _ terminal: Terminal
  ) {
    self.incident = incident
    self.notifiers = notifiers
    self.run = run
    self.creation = creation
    self.terminal = terminal
  }

  func tellStart(at now: Timestamp) { send(.started, at: now) }

  /// Tells what an event means for others.
  func tell(_ event: JournalEvent) {
    if event.type == .approvalRequested {
      send(.approvalNeeded, at: event.at.wall, ["step": .string(event.step ?? "")])
    }
    tellRisk(event)
  }

  /// Once: more than four fifths of the RTO objective are over, and the run has not ended.
  private func tellRisk(_ event: JournalEvent) {
    guard let objective = creation.rtoObjective, event.type != .runFinished else { return }
    let gone = (event.at.wall - incident).wholeMilliseconds
    guard gone * 5 > objective * 4 else { return }
    let isFirst = sent.withLock { sent in
      defer { sent.isAtRisk = true }
      return !sent.isAtRisk
    }
    if isFirst {
      send(
        .objectiveAtRisk, at: event.at.wall,
        ["objective_ms": .integer(objective), "elapsed_ms": .integer(gone)])
    }
  }

  /// Tells how the run ended.
  func tellEnd(_ report: RunReport) {
    var detail: JSONObject = ["verdict": .string(report.figures.verdict.rawValue)]
    detail["rto_ms"] = report.figures.rto.achieved.map { .integer($0) }
    detail["rpo_ms"] = report.figures.rpo.achieved.map { .integer($0) }
    send(.ended, at: report.account.ended, detail)
  }

  /// Waits for what is under way; each notice has a bound of its own.
  func finish() async {
    for task in sent.withLock({ $0.tasks }) { await task.value }
  }

  private func send(
    _ occasion: RunNotice.Occasion, at moment: Timestamp, _ detail: JSONObject = [:]
  ) {
    let notice = RunNotice(
      occasion, run: run.description, plan: creation.plan, mode: creation.mode.rawValue,
      host: creation.operatorIdentity.host, at: moment, detail: detail)
    let tasks = notifiers.map { notifier in
      Task { [terminal] in
        do {
          try await notifier.notify(notice)
        } catch {
          terminal.error("! \(notifier.name) was not told: \(error)")
        }
      }
    }
    sent.withLock { $0.tasks += tasks }
  }
}
