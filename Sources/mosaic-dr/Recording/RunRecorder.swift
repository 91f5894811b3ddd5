import AWSClient
import Evidence
import EvidenceServices
import Measurement
import Platform
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// Records a run outside its journal: its start in the ledger before the first action, its report
/// and its end there after the last. A drill whose start cannot be recorded does not begin; a real
/// recovery never waits for any of it.
struct RunRecorder: Sendable {
  let surroundings: Surroundings
  let journal: Journal
  let client: AWSClient
  let terminal: Terminal

  /// A start that is being recorded while a recovery goes on.
  typealias Pending = Task<Void, Never>

  var ledger: Ledger { surroundings.ledger }

  /// Records that a run begins, or that one goes on whose start a crash kept out of the ledger.
  ///
  /// - Returns: for a restore the attempt that is under way; it is waited for after the run.
  /// - Throws: ``StartNotRecorded`` for a drill.
  func recordStart(
    of run: ULID, _ creation: RunCreation, asked schedule: DrillSchedule?
  ) async throws -> Pending? {
    switch creation.mode {
    case .drill:
      do {
        _ = try await runs().recordStart(of: run.description, creation, asked: schedule)
      } catch {
        throw StartNotRecorded(run: run, cause: error)
      }
      return nil
    case .restore:
      return Task {
        do {
          _ = try await runs().recordStart(of: run.description, creation, asked: schedule)
        } catch {
          terminal.error("! the start of the run is not in the ledger yet: \(error)")
        }
      }
    }
  }

  /// Records that a drill does not begin that a timer asked for.
  func recordRefusal(of plan: RecoveryPlan, because reason: String) async throws {
    try await runs().recordRefusal(of: plan, because: reason, at: surroundings.time.now().wall)
  }

  /// Writes the signed report of an ended run and records it.
  func recordEnd(_ report: RunReport) async throws -> BundleFolder {
    let key = try await surroundings.signing.reportKey(client)
    let writer = BundleWriter(
      reports: surroundings.reportsFolder(of: report.creation.plan),
      signers: ReportSigners(key.signer, number: key.number))
    let runs = try await runs()
    let place = try await runs.recordStart(of: report.run, report.creation, asked: nil)
    let written = try await writer.write(report, ledger: place)
    if let proof = try await runs.recordEnd(of: report, written, start: place) {
      try writer.write(proof, in: written.folder)
    }
    return written.folder
  }

  /// Whether the report of a run's end and its place in the ledger are there.
  func isRecorded(_ report: RunReport) -> Bool {
    report.isWritten(in: surroundings.reportsFolder(of: report.creation.plan), ledger: true)
  }

  /// Where evidence goes besides the disk. A recovery goes on without it when the settings are wrong.
  func settings(for mode: RunMode) throws -> EvidenceSettings {
    do {
      return try surroundings.evidenceSettings(client)
    } catch  where mode == .restore {
      terminal.error("! the evidence settings are not used: \(error)")
      return EvidenceSettings()
    }
  }

  /// Brings everything that is told of ended runs up to date: anchors, telemetry, who is to know.
  /// What does not arrive is said, and fails nothing.
  func publish(_ report: RunReport, run: ULID) async {
    do {
      let settings = try settings(for: report.creation.mode)
      let anchored = await advance(settings.anchors)
      try textfile(report, settings.prometheusFolder, anchored: anchored)
      let broadcast = RunBroadcast(settings.notifiers, run: run, report.creation, terminal)
      broadcast.tellEnd(report)
      await broadcast.finish()
      if let rejected = try await settings.trace?.export(report), rejected > 0 {
        terminal.error("! the collector refused \(rejected) spans")
      }
    } catch {
      terminal.error("! not everybody was told of the run: \(error)")
    }
  }

  /// Brings the anchors up to the ledger's checkpoint.
  ///
  /// - Returns: how many entries all of them hold.
  func advance(_ anchors: [any Anchor]) async -> Int {
    let book = AnchorBook(of: ledger)
    for anchor in anchors {
      do {
        if try await book.advance(anchor, to: try ledger.read()) {
          terminal.error("anchored at \(anchor.name)")
        }
      } catch {
        terminal.error("! the anchor \(anchor.name) lags: \(error)")
      }
    }
    return anchors.map { (try? book.size(at: $0.name)) ?? 0 }.min() ?? 0
  }

  private func textfile(_ report: RunReport, _ folder: String?, anchored: Int) throws {
    guard let folder else { return }
    let size = try ledger.read().signedSize
    try DurableFile.write(
      Array(PrometheusText.text(report, ledger: (size, anchored)).utf8),
      to: "\(folder)/\(PrometheusText.fileName(of: report.creation.plan))", mode: 0o644,
      existing: .replace)
  }

  private func runs() async throws -> RunLedger {
    let key = try await surroundings.signing.checkpointKey(client)
    let journal = journal
    return RunLedger(
      ledger, origin: surroundings.ledgerOrigin, signer: key.signer,
      bearsOut: { entry in
        guard let run = entry.run, let record = try await journal.run(run) else { return false }
        switch entry.kind {
        case .runStarted: return entry.json["plan_sha256"]?.stringValue == record.planDigest
        case .runFinished:
          let hash = entry.json["journal_sha256"]?.stringValue
          return try await journal.events(of: run).contains { $0.hash == hash }
        case .genesis, .keyRotated, .drillRefused: return false
        }
      })
  }
}

/// A drill that was not begun, since nobody would know of it.
struct StartNotRecorded: ExplainedError {
  let run: ULID
  let cause: any Error

  var summary: String { "the drill does not begin: its start cannot be recorded in the ledger" }
  var subject: String? { "run \(run)" }
  var reason: String { (cause as? any ExplainedError)?.description ?? String(describing: cause) }
  var remedy: String {
    let fix =
      (cause as? any ExplainedError)?.remedy ?? "Look at the ledger: mosaic-dr ledger verify."
    return "\(fix) Then go on with 'mosaic-dr resume \(run)'."
  }
}
