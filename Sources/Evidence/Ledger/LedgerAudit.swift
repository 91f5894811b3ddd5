import Cryptography
public import Platform
public import RecoveryPlan
import StrictJSON

/// What an auditor asks of a ledger beyond its hashes: what is missing.
public struct LedgerAudit: Sendable {
  /// One line a check that held.
  public private(set) var checks: [String] = []
  /// What is wrong: each of them makes the audit fail.
  public private(set) var faults: [String] = []
  /// What someone should look at.
  public private(set) var warnings: [String] = []

  /// Audits a ledger that holds together.
  ///
  /// - Parameters:
  ///   - runs: the runs of the journal, oldest first, with whether each has ended; nil when there
  ///     is no journal, as where an auditor has a copy of the rest.
  ///   - reports: each report that is on the disk: its folder and statement's digest.
  ///   - plans: the plans as they are now, so that those show that were never drilled.
  ///   - anchored: for each anchor, the size of the newest checkpoint it holds.
  public init(
    _ content: LedgerContent, runs: [(id: String, isEnded: Bool)]?,
    reports: [(folder: String, statement: String)], plans: [RecoveryPlan] = [],
    anchored: [(name: String, size: Int)], now: Timestamp
  ) {
    if content.entries.isEmpty { warnings.append("there is no ledger here") }
    checks.append("\(content.entries.count) entries stand in their places")
    if let checkpoint = content.checkpoint {
      checks.append("the checkpoint over \(checkpoint.size) of them is signed")
    }
    if content.entries.count > content.signedSize {
      warnings.append(
        "\(content.entries.count - content.signedSize) entries are not signed yet; the next run signs them"
      )
    }
    if content.tornBytes > 0 { warnings.append("the last line was not written to its end") }
    if runs == nil {
      warnings.append("there is no journal here, which might hold a run that the ledger lacks")
    }
    open(content, runs ?? [])
    named(content, runs ?? [], reports)
    missed(content, plans, now)
    for anchor in anchored {
      let lag = content.signedSize - anchor.size
      if lag > 0 {
        warnings.append("the anchor \(anchor.name) lags: \(lag) entries are not anchored")
      } else {
        checks.append("the anchor \(anchor.name) holds the newest checkpoint")
      }
    }
    if anchored.isEmpty {
      warnings.append("there is no anchor: whoever holds the key can rewrite everything")
    }
  }

  private mutating func open(_ content: LedgerContent, _ runs: [(id: String, isEnded: Bool)]) {
    let ended = Set(content.entries.filter { $0.kind == .runFinished }.compactMap(\.run))
    for entry in content.entries where entry.kind == .runStarted {
      guard let run = entry.run, !ended.contains(run) else { continue }
      let since = "run \(run), begun \(entry.at), was never closed"
      if runs.first(where: { $0.id == run })?.isEnded == true {
        faults.append("\(since), and the journal says that it has ended: mosaic-dr resume \(run)")
      } else {
        warnings.append(since)
      }
    }
  }

  private mutating func named(
    _ content: LedgerContent, _ runs: [(id: String, isEnded: Bool)],
    _ reports: [(folder: String, statement: String)]
  ) {
    let statements = Set(
      content.entries.filter { $0.kind == .runFinished }
        .compactMap { $0.json["statement_sha256"]?.stringValue })
    for report in reports where !statements.contains(report.statement) {
      faults.append("no entry names the report \(report.folder)")
    }
    let present = Set(reports.map(\.statement))
    for entry in content.entries where entry.kind == .runFinished {
      guard let statement = entry.json["statement_sha256"]?.stringValue,
        !present.contains(statement)
      else { continue }
      warnings.append(
        "entry \(entry.index) names a report of run \(entry.run ?? "?") that is not on the disk")
    }
    let begun = Set(content.entries.filter { $0.kind == .runStarted }.compactMap(\.run))
    for run in runs where run.isEnded && !begun.contains(run.id) {
      faults.append("no entry says that run \(run.id) began")
    }
    if faults.isEmpty {
      checks.append(
        "\(reports.count) reports on the disk are named, and \(runs.count) runs of the journal")
    }
  }

  /// Plans say when drills are due; the start of each drill repeats it, so that a plan that is gone counts.
  private mutating func missed(
    _ content: LedgerContent, _ plans: [RecoveryPlan], _ now: Timestamp
  ) {
    let histories = DrillHistory.all(in: content.entries)
    for (plan, history) in histories.sorted(by: { $0.key < $1.key }) {
      let known = plans.first { $0.name == plan }
      let asked = known.map(\.schedule) ?? history.drills.last?.asked
      let missed = history.missed(by: now, asked: asked)
      guard let first = missed.first, let last = missed.last else { continue }
      let every = (asked ?? history.drills.last?.asked)?.shown ?? ""
      warnings.append(
        "plan \(plan) asks for a drill \(every): \(missed.count) missed, "
          + "due from \(first.opens) to \(last.closes)")
    }
    for plan in plans where histories[plan.name]?.drills.isEmpty ?? true {
      guard let schedule = plan.schedule else { continue }
      warnings.append(
        "plan \(plan.name) asks for a drill \(schedule.shown), and none ever began")
    }
  }
}
