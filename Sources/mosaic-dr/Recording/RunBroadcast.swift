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
  private let terminal: Terminal
  private let sent = Mutex<[Task<Void, Never>]>([])

  init(_ notifiers: [any Notifier], run: ULID, _ creation: RunCreation, _ terminal: Terminal) {
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
  }

  func tell(_ risk: ObjectiveWatch.Risk, at now: Timestamp) {
    var detail: JSONObject = [
      "objective_ms": .integer(risk.objective), "elapsed_ms": .integer(risk.elapsed),
    ]
    detail["expected_ms"] = risk.expected.map { .integer($0) }
    send(.objectiveAtRisk, at: now, detail)
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
    for task in sent.withLock({ $0 }) { await task.value }
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
    sent.withLock { $0 += tasks }
  }
}
