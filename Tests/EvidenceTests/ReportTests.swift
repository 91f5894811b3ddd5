import Compression
import Cryptography
import Foundation
import Measurement
import Platform
import RunJournal
import StrictJSON
import Testing

@testable import Evidence

@Suite final class ReportTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The events of a small run, really written to a journal.
  private func report(rpoSeconds: Int64 = 60) async throws -> RunReport {
    let journal = try Journal(folder: folder.appending(path: "state").path, time: SystemTime())
    let step = { (id: String, phase: StepPhase, needs: [String]) in
      RunCreation.StepRecord(
        id: id, kind: "k", component: "db", phase: phase, dependsOn: needs, summary: "s")
    }
    let creation = RunCreation(
      plan: "p", planDigest: "d", planFile: "p.yaml", mode: .drill, options: [:],
      rtoObjective: 60_000, rpoObjective: rpoSeconds * 1_000,
      steps: [step("db.restore", .recover, []), step("db.check", .verify, ["db.restore"])],
      operatorIdentity: .current(), version: "0")
    let now = SystemTime().now().wall
    let record = RunRecord(
      id: "01M864XNF4FHYZTFFZD68B54BZ", planName: "p", planDigest: "d", mode: "drill",
      createdAt: now)
    let (lease, first) = try await journal.create(
      record, planBytes: [],
      opening: [EventDraft(.runCreated, body: try JSONValue(encoding: creation))],
      holder: .current())
    let moments = [
      Moment(.incident, at: now, evidence: .stated, source: "t"),
      Moment(.declared, at: now, evidence: .measured, source: "t"),
      Moment(
        .recoveryPoint, of: "db", at: now - .seconds(30), evidence: .serviceField, source: "t"),
      Moment(.lastCommitted, of: "db", at: now - .seconds(20), evidence: .measured, source: "t"),
    ]
    var drafts = try moments.map { EventDraft(.moment, body: try JSONValue(encoding: $0)) }
    for id in ["db.restore", "db.check"] {
      let success = StepSuccess(output: [:], evidence: [:], timing: StepTiming())
      drafts += [
        EventDraft(.stepStarted, step: id, attempt: 1),
        EventDraft(.stepSucceeded, step: id, attempt: 1, body: try JSONValue(encoding: success)),
      ]
    }
    drafts.append(EventDraft(.runFinished))
    let rest = try await journal.append(drafts, under: lease)
    return try #require(RunReport(first + rest))
  }

  @Test func theWorseRPOCountsAndDecidesTheVerdict() async throws {
    let figures = try await report().figures
    #expect(figures.rpo.achieved == 30_000)
    #expect(figures.components.first?.rpoMeasured == 20_000)
    #expect(figures.verdict == .pass)
    #expect(figures.criticalPath == ["db.restore", "db.check"])
    let split = figures.split
    #expect(
      split.beforeRun + split.person + split.cloud + split.verification + split.overhead
        == figures.rto.achieved)
  }

  @Test func aMissedObjectiveFails() async throws {
    let figures = try await report(rpoSeconds: 25).figures
    #expect(figures.verdict == .fail)
    #expect(figures.reasons == ["the RPO objective is missed"])
  }

  @Test func toolsThatAreNotOursVerifyItAsTheDocumentationSays() async throws {
    let key = try #require(Ed25519.SigningKey.generate())
    let report = try await report()
    let reports = folder.appending(path: "reports").path
    let path = try report.write(to: reports, key: key)
    #expect(try report.write(to: reports, key: key) == path)
    #expect(try ReportVerifier.verify(path, trusted: [key.verifyingKey]).checks.count == 6)
    let other = try #require(Ed25519.SigningKey.generate())
    #expect(throws: VerificationFailure.self) {
      try ReportVerifier.verify(path, trusted: [other.verifyingKey])
    }
    let text = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/verification.md"), encoding: .utf8)
    let recipe = try #require(text.components(separatedBy: "```sh\n").last)
      .components(separatedBy: "```")[0]
    #expect(try shell(recipe, in: reports, run: report.run) == 0)
    try Data("x".utf8).write(to: URL(filePath: path))
    #expect(try shell(recipe, in: reports, run: report.run) != 0)
  }

  private func shell(_ recipe: String, in folder: String, run: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-euc", recipe]
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ["PATH": "/usr/bin:/bin", "RUN": run, "KEY": "\(run).pem"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func framesAreReadWithinLimits() throws {
    let content = Array(repeating: UInt8(7), count: 100_000)
    let frame = try ZstdFrame.compress(content)
    #expect(try ZstdFrame.decompress(frame) == content)
    #expect(throws: Problem.self) { try ZstdFrame.decompress(frame + frame) }
    #expect(throws: Problem.self) { try ZstdFrame.decompress(frame + [0]) }
    #expect(throws: Problem.self) { try ZstdFrame.decompress(Array(frame.dropLast())) }
    #expect(throws: Problem.self) { try ZstdFrame.decompress([]) }
    let bomb = try ZstdFrame.compress(Array(repeating: 0, count: ZstdFrame.maximumContent + 1))
    #expect(throws: Problem.self) { try ZstdFrame.decompress(bomb) }
  }
}
