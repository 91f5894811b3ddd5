import Cryptography
import Measurement
public import Platform
public import RecoveryPlan
public import RunJournal
import StrictJSON

/// What a ledger is told of runs: that one begins, before its first action, and what became of it.
public struct RunLedger: Sendable {
  /// The ledger.
  public let ledger: Ledger
  private let origin: String
  private let signer: any Signer
  private let bearsOut: @Sendable (LedgerEntry) async throws -> Bool

  /// Creates the view of a ledger.
  ///
  /// - Parameter bearsOut: whether the journal knows what a line says that a crash left unsigned.
  public init(
    _ ledger: Ledger, origin: String, signer: any Signer,
    bearsOut: @escaping @Sendable (LedgerEntry) async throws -> Bool
  ) {
    self.ledger = ledger
    self.origin = origin
    self.signer = signer
    self.bearsOut = bearsOut
  }

  /// Records that a run begins, once.
  ///
  /// - Parameter schedule: what the plan asks of drills, so that a missing one shows.
  /// - Returns: where that stands.
  public func recordStart(
    of run: String, _ creation: RunCreation, asked schedule: DrillSchedule?
  ) async throws -> LedgerPlace {
    let content = try await ledger.append(origin: origin, signer: signer, bearsOut: bearsOut) {
      content in
      if content.start(of: run) != nil { return [] }
      var entry = schedule?.entry ?? [:]
      entry["run"] = .string(run)
      entry["plan"] = .string(creation.plan)
      entry["plan_sha256"] = .string(creation.planDigest)
      entry["included_sha256"] = creation.includedPlans.map {
        .string(DrillHistory.digest(ofIncluded: $0))
      }
      entry["executed_sha256"] = creation.executedDigest.map { .string($0) }
      entry["mode"] = .string(creation.mode.rawValue)
      entry["by"] = .string(
        "\(creation.operatorIdentity.user)@\(creation.operatorIdentity.host)")
      entry["challenge"] = creation.options["challenge"].map { .string($0) }
      return [.init(.runStarted, entry)]
    }
    guard let entry = content.start(of: run), let checkpoint = content.checkpoint else {
      throw LedgerFault.noCheckpoint("is missing")
    }
    return LedgerPlace(origin: checkpoint.origin, start: entry.index)
  }

  /// Records that a drill did not begin that a timer asked for; once a day for the same reason.
  public func recordRefusal(
    of plan: RecoveryPlan, because reason: String, at now: Timestamp
  ) async throws {
    _ = try await ledger.append(origin: origin, signer: signer, bearsOut: bearsOut) { content in
      let last = content.entries.last { $0.json["plan"]?.stringValue == plan.name }
      let isKnown = last.map { entry in
        entry.kind == .drillRefused && entry.json["reason"]?.stringValue == reason
          && CalendarDay(of: entry.at) == CalendarDay(of: now)
      }
      if isKnown == true { return [] }
      return [
        .init(
          .drillRefused,
          [
            "plan": .string(plan.name), "plan_sha256": .string(plan.digest),
            "reason": .string(reason),
          ])
      ]
    }
  }

  /// Where the start of a run stands; nil when it was never recorded.
  public func place(of run: String) throws -> LedgerPlace? {
    let content = try ledger.read()
    guard let entry = content.start(of: run), let checkpoint = content.checkpoint else {
      return nil
    }
    return LedgerPlace(origin: checkpoint.origin, start: entry.index)
  }

  /// Records the report of a run's end, once, and proves it.
  public func recordEnd(
    of report: RunReport, _ written: BundleWriter.Written, start: LedgerPlace
  ) async throws -> InclusionProof? {
    let content = try await ledger.append(origin: origin, signer: signer, bearsOut: bearsOut) {
      content in
      if content.finish(of: report.run, report: written.reportDigest) != nil { return [] }
      var entry: JSONObject = [
        "run": .string(report.run), "start": .integer(Int64(start.start)),
        "plan": .string(report.creation.plan), "mode": .string(report.creation.mode.rawValue),
        "verdict": .string(report.figures.verdict.rawValue),
        "report_sha256": .string(written.reportDigest),
        "statement_sha256": .string(written.statementDigest),
        "journal_sha256": .string(report.events.last?.hash ?? ""),
      ]
      entry["rto_ms"] = report.figures.rto.achieved.map { .integer($0) }
      entry["rpo_ms"] = report.figures.rpo.achieved.map { .integer($0) }
      return [.init(.runFinished, entry)]
    }
    return content.finish(of: report.run, report: written.reportDigest)
      .flatMap { InclusionProof(of: $0, in: content) }
  }
}
