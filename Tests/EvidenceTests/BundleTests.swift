import Compression
import Cryptography
import Foundation
import Measurement
import Platform
import RunJournal
import StrictJSON
import Testing

@testable import Evidence

/// The folder of a report, and everything that can be done to it.
@Suite struct BundleTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func url(_ file: BundleFolder.File, in folder: BundleFolder) -> URL {
    URL(filePath: folder.path(of: file))
  }

  @Test func itVerifiesAndSaysWhatWasChecked() async throws {
    let report = try await fixture.report()
    let folder = try await fixture.write(report)
    let name = try #require(folder.path.split(separator: "/").last)
    #expect(name.wholeMatch(of: /\d{8}T\d{6}Z-drill-01M864XNF4FHYZTFFZD68B54BZ/) != nil)
    #expect(report.isWritten(in: fixture.reports, ledger: true))
    let verified = try fixture.verify(folder).get()
    #expect(verified.checks.count == 10)
    #expect(verified.notes.isEmpty)
    #expect(verified.report.figures == report.figures)
    let bytes = try DurableFile.read(folder.path(of: .envelope), limit: 1 << 20)
    let envelope = try #require(Envelope(json: try JSONValue(parsing: bytes)))
    #expect(envelope.message.count <= 4_096)
  }

  @Test func aKeyFoundBesideItIsNotPinned() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let verified = try fixture.verify(folder) { $0.trusted = [] }.get()
    #expect(verified.notes.contains { $0.contains("NOT PINNED") })
    let other = try #require(Ed25519.SigningKey.generate())
    #expect(
      fixture.refusal(of: folder) { $0.trusted = [.ed25519(other.verifyingKey)] }
        == "no trusted key has signed it")
  }

  @Test func everyFlippedBitIsRefused() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    for file in [BundleFolder.File.report, .envelope, .html, .oscal, .proof, .minisig] {
      let path = url(file, in: folder)
      let good = try Data(contentsOf: path)
      for _ in 0..<20 {
        let (index, bit) = (Int(random.next() % UInt64(good.count)), random.next() % 8)
        var changed = good
        changed[index] ^= 1 << UInt8(bit)
        try changed.write(to: path)
        // Comments, hints and names that nothing hangs on may change; then everything still holds.
        if let verified = try? fixture.verify(folder).get() {
          #expect(
            file == .envelope || file == .minisig || file == .proof,
            "seed \(seed): \(file.rawValue), byte \(index), bit \(bit)")
          #expect(verified.report.figures.verdict == .pass)
        }
      }
      try good.write(to: path)
    }
    #expect(fixture.refusal(of: folder) == nil)
  }

  @Test func whatIsMissingIsNamed() async throws {
    let folder = try await fixture.write(try await fixture.report())
    for (file, words) in [
      (BundleFolder.File.report, "report.json.zst cannot be read"),
      (.envelope, "which holds the signature, is missing"),
      (.proof, "which proves its place in the ledger, is missing"),
    ] {
      let path = url(file, in: folder)
      let away = path.appendingPathExtension("away")
      try FileManager.default.moveItem(at: path, to: away)
      #expect(fixture.refusal(of: folder)?.contains(words) == true)
      try FileManager.default.moveItem(at: away, to: path)
    }
    for file in [BundleFolder.File.minisig, .html, .oscal] {
      try FileManager.default.removeItem(at: url(file, in: folder))
    }
    #expect(try fixture.verify(folder).get().notes.count == 3)
  }

  @Test func aSignatureThatWasRemovedOrSwappedIsMissed() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let path = url(.envelope, in: folder)
    let text = try String(contentsOf: path, encoding: .utf8)
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let good = object
    object["signatures"] = []
    try JSONSerialization.data(withJSONObject: object).write(to: path)
    #expect(fixture.refusal(of: folder)?.contains("no DSSE envelope with a signature") == true)
    object = good
    object["payload"] = Data(#"{"_type":"x"}"#.utf8).base64EncodedString()
    try JSONSerialization.data(withJSONObject: object).write(to: path)
    #expect(fixture.refusal(of: folder) == "no trusted key has signed it")
    object = good
    object["payloadType"] = "application/json"
    try JSONSerialization.data(withJSONObject: object).write(to: path)
    #expect(fixture.refusal(of: folder)?.contains("is of the type") == true)
  }

  @Test func twoPeopleAreTwoKeysNotTwoSignatures() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let approver = try #require(Ed25519.SigningKey.generate())
    let trusted = fixture.trusted + [.ed25519(approver.verifyingKey)]
    try await BundleWriter.countersign(folder, with: LocalSigner(fixture.key))
    #expect(
      fixture.refusal(of: folder) { ($0.trusted, $0.threshold) = (trusted, 2) }
        == "1 trusted key(s) have signed it, and 2 must have")
    try await BundleWriter.countersign(folder, with: LocalSigner(approver))
    #expect(fixture.refusal(of: folder) { ($0.trusted, $0.threshold) = (trusted, 2) } == nil)
  }

  @Test func anOldReportDoesNotStandInForANewRun() async throws {
    let old = try await fixture.write(
      try await fixture.report(.init(options: ["challenge": "spring"])))
    let new = "01M864XNF4FHYZTFFZD68B54C0"
    #expect(fixture.refusal(of: old) { $0.run = new }?.contains("it is about run") == true)
    #expect(fixture.refusal(of: old) { $0.challenge = "autumn" }?.contains("challenge") == true)
    #expect(fixture.refusal(of: old) { $0.challenge = "spring" } == nil)
    #expect(fixture.refusal(of: old) { $0.plan = "q" }?.contains("its plan is p") == true)
    #expect(fixture.refusal(of: old) { $0.plan = "p" } == nil)
    let day = Duration.seconds(86_400)
    #expect(
      fixture.refusal(of: old) {
        ($0.maximumAge, $0.now) = (day, $0.now + .seconds(90_000))
      }?.contains("old") == true)
    #expect(fixture.refusal(of: old) { $0.maximumAge = day } == nil)
    let fresh = try await fixture.write(try await fixture.report(.init(run: new)))
    for file in [BundleFolder.File.proof, .envelope] {
      let path = url(file, in: fresh)
      let good = try Data(contentsOf: path)
      try Data(contentsOf: url(file, in: old)).write(to: path)
      #expect(fixture.refusal(of: fresh) != nil, "\(file.rawValue) of another run")
      try good.write(to: path)
    }
  }

  /// Signed anew by the holder of the key, so that only what follows from the events can tell.
  @Test func aReportThatDoesNotFollowFromItsEventsIsRefused() async throws {
    let report = try await fixture.report(.init(rpo: 25))
    let forge = { (change: (inout JSONObject) throws -> Void) async throws -> String? in
      var json = try #require(try report.json().objectValue)
      try change(&json)
      return try await forged(report, .object(json))
    }
    #expect(try await forge { _ in } == nil)
    #expect(
      try await forge { json in
        var figures = try #require(json["figures"]?.objectValue)
        figures["verdict"] = "pass"
        json["figures"] = .object(figures)
      }?.contains("its figures does not follow") == true)
    #expect(
      try await forge { json in
        json["extra"] = "pass"
      }?.contains("does not follow from its events") == true)
    #expect(
      try await forge { json in
        var rows = try #require(json["events"]?.arrayValue)
        rows.remove(at: 6)
        json["events"] = .array(rows)
      }?.contains("missing or out of place") == true)
    #expect(
      try await forge { json in
        var rows = try #require(json["events"]?.arrayValue)
        var row = try #require(rows[4].objectValue)
        row["wall"] = "2020-01-01T00:00:00.000000000Z"
        rows[4] = .object(row)
        json["events"] = .array(rows)
      }?.contains("content was changed") == true)
  }

  /// A folder that holds another record, its digests and signatures made anew.
  private func forged(_ report: RunReport, _ json: JSONValue) async throws -> String? {
    let folder = BundleFolder(fixture.folder.appending(path: UUID().uuidString).path)
    try DurableFile.makeFolder(folder.path, mode: 0o700)
    let record = try json.canonicalBytes()
    let frame = try ZstdFrame.compress(record)
    let statement = try Statement.json(
      about: report,
      subjects: [
        ("report.json", SHA256.digest(of: record)), ("report.json.zst", SHA256.digest(of: frame)),
        (Statement.journal, SHA256.digest(of: try report.journalLines())),
      ], ledger: nil, redaction: "")
    let envelope = try await Envelope(
      signing: try statement.canonicalBytes(), type: Envelope.inToto,
      with: [LocalSigner(fixture.key)])
    try Data(frame).write(to: url(.report, in: folder))
    try Data(try envelope.json.canonicalBytes()).write(to: url(.envelope, in: folder))
    return fixture.refusal(of: folder)
  }

  @Test func truncatedDoubledAndBombFramesAreRefusedBeforeTheyAreParsed() async throws {
    let report = try await fixture.report()
    let folder = try await fixture.write(report)
    let path = url(.report, in: folder)
    let good = try Data(contentsOf: path)
    let bomb = try Data(contentsOf: Fixture.tests.appending(path: "Vectors/bomb-window31.zst"))
    for bad in [good.dropLast(), good + good, good + Data([0]), bomb, Data()] {
      try Data(bad).write(to: path)
      #expect(fixture.refusal(of: folder) == "its bytes are not those that were signed")
    }
  }

  @Test func aRecompressedRecordIsVerifiedPlain() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let path = url(.report, in: folder)
    let content = try ZstdFrame.decompress(Array(try Data(contentsOf: path)))
    try Data(try ZstdFrame.compress(content, level: 1)).write(to: path)
    #expect(fixture.refusal(of: folder) == "its bytes are not those that were signed")
    try FileManager.default.removeItem(at: path)
    try Data(content).write(to: url(.plainReport, in: folder))
    #expect(fixture.refusal(of: folder) == nil)
    try Data(content.dropLast()).write(to: url(.plainReport, in: folder))
    #expect(fixture.refusal(of: folder) == "its content is not what was signed")
  }

  @Test func aRemovedEntryOfTheLedgerLeavesTheReportWithoutAPlace() async throws {
    let report = try await fixture.report()
    let folder = try await fixture.write(report)
    let path = url(.proof, in: folder)
    let text = try String(contentsOf: path, encoding: .utf8)
    let start = try #require(try fixture.ledger.read().start(of: report.run))
    let other = try #require(InclusionProof(of: start, in: try fixture.ledger.read()))
    for (proof, words) in [
      (other.text, "the ledger's entry is about another report"),
      (text.replacingOccurrences(of: "index 2", with: "index 1"), "does not hold"),
      (text.replacingOccurrences(of: "extra ", with: "extra AAAA"), "does not hold"),
    ] {
      try proof.write(to: path, atomically: true, encoding: .utf8)
      #expect(fixture.refusal(of: folder)?.contains(words) == true)
    }
  }

  @Test func aWriteThatACrashCutOffIsCompletedWithTheSameBytes() async throws {
    let report = try await fixture.report()
    let folder = try await fixture.write(report)
    let all = try BundleFolder.File.allCases.filter(folder.has).map { file in
      (file, try Data(contentsOf: url(file, in: folder)))
    }
    #expect(all.count == 8)
    for (file, content) in all {
      try FileManager.default.removeItem(at: url(file, in: folder))
      #expect(
        [.minisig, .minisignKey].contains(file)
          || !report.isWritten(in: fixture.reports, ledger: true))
      _ = try await fixture.write(report)
      #expect(try Data(contentsOf: url(file, in: folder)) == content, "\(file.rawValue)")
    }
    #expect(try fixture.ledger.read().entries.count == 3)
  }

  @Test func aSecondEndHasAFolderOfItsOwn() async throws {
    let events = try await fixture.events()
    let report = try #require(RunReport(events))
    let lease = try await fixture.journal.acquireLease(of: report.run, by: .current())
    let more = try await fixture.journal.append(
      [EventDraft(.runReopened, body: ["by": "x"]), EventDraft(.runFinished)], under: lease)
    let again = try #require(RunReport(events + more))
    #expect(BundleFolder(of: again, in: "r").path == BundleFolder(of: report, in: "r").path + "-2")
    _ = try await fixture.write(report)
    #expect(fixture.refusal(of: try await fixture.write(again)) == nil)
  }

  @Test func keyFilesOfTheEarlierFormAreStillRead() throws {
    let path = fixture.folder.appending(path: "old.key").path
    let text = "mosaic-dr ed25519 seed\n\(Base64.encode(fixture.key.seed))\n"
    try DurableFile.write(Array(text.utf8), to: path, mode: 0o600, existing: .refuse)
    let key = try #require(try KeyFile.read(path, passphrase: nil))
    #expect(key.key.verifyingKey == fixture.key.verifyingKey)
    #expect(DurableFile.exists("\(path).pub.pem") && DurableFile.exists("\(path).pub"))
    let made = fixture.folder.appending(path: "new.key").path
    let word = Secret(Array("word".utf8))
    let new = try KeyFile.create(at: made, passphrase: word)
    #expect(try KeyFile.read(made, passphrase: word)?.key.seed == new.key.seed)
    #expect(throws: Problem.self) { try KeyFile.read(made, passphrase: nil) }
    #expect(throws: Problem.self) { try KeyFile.read(made, passphrase: Secret(Array("x".utf8))) }
    #expect(throws: FileError.self) { try KeyFile.create(at: made, passphrase: nil) }
  }

  @Test func whoeverMakesAKeyAtTheSameMomentHasTheSameOne() async throws {
    for round in 0..<20 {
      let path = fixture.folder.appending(path: "shared-\(round).key").path
      let seeds = try await withThrowingTaskGroup(of: [UInt8].self) { group in
        for _ in 0..<8 {
          group.addTask { try KeyFile.readOrCreate(path, passphrase: nil).key.seed }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(seeds.count == 1)
    }
  }
}
