import Cryptography
import Evidence
import Foundation
import Measurement
import Platform
import RunJournal
import StrictJSON
import Synchronization
import Testing

/// A clock that moves a millisecond with each look, so that a run takes as long on a busy machine.
private final class TickingTime: TimeSource {
  private let start = SystemTime().now()
  private let looks = Mutex<Int64>(0)

  func now() -> ClockReading {
    let passed = looks.withLock { looks in
      looks += 1
      return looks * 1_000_000
    }
    return ClockReading(
      wall: start.wall + .nanoseconds(passed), sinceBoot: start.sinceBoot + passed)
  }

  func sleep(for duration: Duration) async throws { try await SystemTime().sleep(for: duration) }
}

/// A folder of its own that ends with the test, and runs that are really written to a journal in it.
final class Fixture: Sendable {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  static let root = tests.deletingLastPathComponent().deletingLastPathComponent()

  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  let key: Ed25519.SigningKey
  let journal: Journal
  private let time = TickingTime()

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    key = try #require(Ed25519.SigningKey.generate())
    journal = try Journal(folder: folder.appending(path: "state").path, time: time)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var reports: String { folder.appending(path: "reports").path }
  var ledger: Ledger { Ledger(folder: folder.appending(path: "ledger").path, time: SystemTime()) }
  var trusted: [PublicKey] { [.ed25519(key.verifyingKey)] }
  var signers: ReportSigners { ReportSigners(LocalSigner(key)) }

  static func vector(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: tests.appending(path: "Vectors/\(name).json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// What becomes of the run.
  enum End { case passed, failed, killed }

  struct Shape: Sendable {
    var run = "01M864XNF4FHYZTFFZD68B54BZ"
    var rpo: Int64 = 60
    var end = End.passed
    var word = "count"
    var mode = RunMode.drill
    var steps = 0
    var options: [String: String] = [:]
    var ago: Int64 = 0
  }

  /// The events of a small run.
  func events(_ shape: Shape = Shape()) async throws -> [JournalEvent] {
    var records = [
      step("db.restore", .recover, []), step("db.check", .verify, ["db.restore"]),
      RunCreation.StepRecord(
        id: "db.cleanup", kind: "k", component: "db", phase: .cleanup, dependsOn: ["db.check"],
        summary: "delete the copy",
        removal: .init(of: "db.restore", what: "database copy", cost: "by the hour")),
    ]
    records += (0..<shape.steps).map { step("extra.\($0)", .recover, []) }
    let creation = RunCreation(
      plan: "p", planDigest: SHA256.digest(of: [1]).hex, planFile: "p.yaml", mode: shape.mode,
      options: shape.options, rtoObjective: 60_000, rpoObjective: shape.rpo * 1_000, steps: records,
      operatorIdentity: .current(), version: "0")
    let now = time.now().wall
    let (lease, first) = try await journal.create(
      RunRecord(
        id: shape.run, planName: "p", planDigest: creation.planDigest, mode: shape.mode.rawValue,
        createdAt: now),
      planBytes: [],
      opening: [EventDraft(.runCreated, body: try JSONValue(encoding: creation))],
      holder: .current())
    let moments = [
      Moment(.incident, at: now, evidence: .stated, source: "t"),
      Moment(.declared, at: now, evidence: .measured, source: "t"),
      Moment(
        .recoveryPoint, of: "db", at: now - .seconds(30), evidence: .serviceField, source: "t"),
      Moment(.lastCommitted, of: "db", at: now - .seconds(20), evidence: .measured, source: "t"),
    ]
    var drafts = [
      EventDraft(.runAttached, body: try JSONValue(encoding: ProcessIdentity.current()))
    ]
    drafts += try moments.map { EventDraft(.moment, body: try JSONValue(encoding: $0)) }
    for record in records {
      drafts += try self.drafts(of: record, shape)
      if shape.end == .failed, record.id == "db.check" { break }
    }
    drafts.append(EventDraft(.runFinished))
    return first + (try await journal.append(drafts, under: lease))
  }

  private func step(
    _ id: String, _ phase: StepPhase, _ needs: [String]
  ) -> RunCreation.StepRecord {
    RunCreation.StepRecord(
      id: id, kind: "k", component: "db", phase: phase, dependsOn: needs, summary: "s")
  }

  private func drafts(
    of record: RunCreation.StepRecord, _ shape: Shape
  ) throws -> [EventDraft] {
    var drafts = [EventDraft(.stepStarted, step: record.id, attempt: 1)]
    if record.id == "db.restore" {
      drafts += [
        EventDraft(.effectIntended, step: record.id, attempt: 1, body: ["intent": "restore"]),
        EventDraft(
          .effectConfirmed, step: record.id, attempt: 1,
          body: ["identity": "db-1", "adopted": false]),
      ]
      if shape.end == .killed {
        drafts += [
          EventDraft(.runAttached, body: try JSONValue(encoding: ProcessIdentity.current())),
          EventDraft(.stepStarted, step: record.id, attempt: 2),
        ]
      }
    }
    if shape.end == .failed, record.id == "db.check" {
      let failure: JSONValue = ["summary": "s", "reason": .string(shape.word), "remedy": "r"]
      return drafts + [
        EventDraft(.stepFailed, step: record.id, attempt: 1, body: failure),
        EventDraft(.stepCancelled, step: "db.cleanup", body: ["reason": "x"]),
      ]
    }
    let evidence: JSONValue = ["query": .string(shape.word), "value": "7", "expected": ">= 7"]
    let success = StepSuccess(output: [:], evidence: evidence, timing: StepTiming())
    drafts.append(
      EventDraft(
        .stepSucceeded, step: record.id, attempt: 1, body: try JSONValue(encoding: success)))
    return drafts
  }

  func report(_ shape: Shape = Shape()) async throws -> RunReport {
    try #require(RunReport(try await events(shape)))
  }

  func runLedger(_ bearsOut: @escaping @Sendable (LedgerEntry) -> Bool = { _ in true }) -> RunLedger
  {
    RunLedger(ledger, origin: "test/ledger", signer: LocalSigner(key), bearsOut: { bearsOut($0) })
  }

  /// Records start and end and writes the folder, as the program does.
  func write(_ report: RunReport, signers: ReportSigners? = nil) async throws -> BundleFolder {
    let runs = runLedger()
    let place = try await runs.recordStart(of: report.run, report.creation, asked: nil)
    let writer = BundleWriter(reports: reports, signers: signers ?? self.signers)
    let written = try await writer.write(report, ledger: place)
    let proof = try #require(try await runs.recordEnd(of: report, written, start: place))
    try writer.write(proof, in: written.folder)
    return written.folder
  }

  func verify(
    _ folder: BundleFolder, _ change: (inout VerificationPolicy) -> Void = { _ in }
  ) -> Result<VerifiedReport, VerificationFailure> {
    var policy = VerificationPolicy(trusted: trusted, now: SystemTime().now().wall)
    change(&policy)
    do throws(VerificationFailure) {
      return .success(try BundleVerifier.verify(folder.path, policy))
    } catch {
      return .failure(error)
    }
  }

  /// Why a folder is refused; nil when it verifies.
  func refusal(
    of folder: BundleFolder, _ change: (inout VerificationPolicy) -> Void = { _ in }
  ) -> String? {
    if case .failure(let failure) = verify(folder, change) { failure.reason } else { nil }
  }

  /// Runs a program and returns its status with what it said.
  static func run(
    _ words: [String], in folder: String? = nil, environment: [String: String] = [:]
  ) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Not a pipe: a program that another test starts meanwhile would inherit its end and keep it open.
    let output = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: output) }
    let handle = try FileHandle(forWritingTo: output)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: output, encoding: .utf8))
  }

  /// The Python of the tools that are not ours.
  static func python() throws -> String {
    let made = try run([root.appending(path: "scripts/evidence-tools").path])
    try #require(made.status == 0, "\(made.text)")
    return try #require(made.text.split(separator: "\n").last.map(String.init))
  }
}
