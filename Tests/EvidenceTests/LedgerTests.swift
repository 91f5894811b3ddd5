import Cryptography
import Foundation
import Platform
import RecoveryPlan
import RunJournal
import StrictJSON
import Synchronization
import Testing

@testable import Evidence

/// What a ledger's files can look like after a crash, and after a person.
@Suite struct LedgerTests {
  private let fixture: Fixture
  private let lines: URL
  private let checkpoint: URL

  init() throws {
    fixture = try Fixture()
    lines = fixture.folder.appending(path: "ledger/ledger.jsonl")
    checkpoint = fixture.folder.appending(path: "ledger/checkpoint")
  }

  private func begin(_ count: Int, from first: Int = 0) async throws {
    for number in first..<(first + count) {
      let run = "01M864XNF4FHYZTFFZD68B54\(10 + number)"
      let creation = try await fixture.report(.init(run: run)).creation
      _ = try await fixture.runLedger().recordStart(
        of: run, creation, asked: DrillSchedule(every: .month))
    }
  }

  private func read() throws -> LedgerContent { try fixture.ledger.read() }

  @Test func aStartIsRecordedOnceAndSigned() async throws {
    try await begin(2)
    try await begin(1, from: 2)
    let run = try #require(try read().entries.last?.run)
    let creation = try #require(try read().entries.last).json["plan"]
    #expect(creation == "p")
    #expect(try read().entries.map(\.kind) == [.genesis, .runStarted, .runStarted, .runStarted])
    #expect(try read().signedSize == 4)
    #expect(try read().start(of: run)?.index == 3)
    let mode = try FileManager.default.attributesOfItem(atPath: lines.path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func aTornLineIsCutAndTheNextOneStandsInItsPlace() async throws {
    try await begin(1)
    let before = try Data(contentsOf: lines)
    try (before + Data("{\"at\":\"20".utf8)).write(to: lines)
    #expect(try read().tornBytes > 0)
    try await begin(1, from: 1)
    #expect(try Data(contentsOf: lines).starts(with: before))
    #expect(try read().entries.count == 3)
  }

  @Test func aLineBeyondTheCheckpointIsSignedWhenTheJournalBearsItOut() async throws {
    try await begin(1)
    let old = try Data(contentsOf: checkpoint)
    try await begin(1, from: 1)
    try old.write(to: checkpoint)
    #expect(try read().signedSize == 2)
    let creation = try await fixture.report(.init(run: "01M864XNF4FHYZTFFZD68B54ZZ")).creation
    await #expect(throws: LedgerFault.unexplained(3)) {
      try await fixture.runLedger { _ in false }.recordStart(of: "x", creation, asked: nil)
    }
    _ = try await fixture.runLedger().recordStart(of: "x", creation, asked: nil)
    #expect(try read().signedSize == 4)
  }

  @Test func aCrashBeforeTheFirstCheckpointIsRecovered() async throws {
    try await begin(1)
    let first = try #require(try Data(contentsOf: lines).split(separator: 0x0A).first)
    try (first + [0x0A]).write(to: lines)
    try FileManager.default.removeItem(at: checkpoint)
    try await begin(1, from: 1)
    #expect(try read().signedSize == 2)
  }

  /// As a crash leaves it right before the first, or the second, checkpoint that a first run writes.
  @Test(arguments: [0, 1])
  func aFirstRunThatDiedBeforeACheckpointIsRecorded(signatures: Int) async throws {
    final class Dying: Signer {
      struct Death: Error {}
      let signer: LocalSigner
      let left: Mutex<Int>
      init(_ signer: LocalSigner, after signatures: Int) {
        self.signer = signer
        left = Mutex(signatures)
      }
      var publicKey: PublicKey { signer.publicKey }
      func sign(_ message: [UInt8]) async throws -> [UInt8] {
        let mayGoOn = left.withLock { left in
          left -= 1
          return left >= 0
        }
        guard mayGoOn else { throw Death() }
        return try await signer.sign(message)
      }
    }
    let start = LedgerEntry.Draft(.runStarted, ["run": "R1", "plan": "p"])
    let append = { (signer: any Signer, ledger: Ledger) in
      try await ledger.append(
        origin: "test/ledger", signer: signer, bearsOut: { _ in true },
        drafts: { $0.start(of: "R1") == nil ? [start] : [] })
    }
    let signer = LocalSigner(fixture.key)
    await #expect(throws: Dying.Death.self) {
      _ = try await append(
        Dying(signer, after: signatures), fixture.ledger)
    }
    let content = try await append(signer, fixture.ledger)
    #expect(content.entries.map(\.kind) == [.genesis, .runStarted])
    #expect(content.signedSize == 2)
    #expect(try read().signedSize == 2)
  }

  @Test func aCutFileIsAnAlarmAndIsNotRepaired() async throws {
    try await begin(2)
    let all = try Data(contentsOf: lines).split(separator: 0x0A)
    try Data((all.dropLast().joined(separator: [0x0A]) + [0x0A])).write(to: lines)
    #expect(throws: LedgerFault.shorterThanCheckpoint(lines: 2, size: 3)) { try read() }
    await #expect(throws: LedgerFault.self) { try await begin(1, from: 2) }
  }

  @Test func everyChangedByteIsAnAlarm() async throws {
    try await begin(2)
    let good = try Data(contentsOf: lines)
    for index in good.indices {
      var changed = good
      changed[index] ^= 1
      try changed.write(to: lines)
      #expect(throws: LedgerFault.self, "byte \(index)") { try read() }
    }
    try good.write(to: lines)
    try FileManager.default.removeItem(at: checkpoint)
    #expect(throws: LedgerFault.self) { try read() }
  }

  @Test func swappedLinesAndAForeignKeyAreAlarms() async throws {
    try await begin(2)
    var all = try Data(contentsOf: lines).split(separator: 0x0A)
    let stranger = try #require(Ed25519.SigningKey.generate())
    await #expect(throws: LedgerFault.self) {
      try await fixture.ledger.append(
        origin: "x", signer: LocalSigner(stranger), bearsOut: { _ in true }, drafts: { _ in [] })
    }
    #expect(throws: LedgerFault.notSigned) {
      try fixture.ledger.read(genesisKey: stranger.verifyingKey)
    }
    all.swapAt(1, 2)
    try Data(all.joined(separator: [0x0A]) + [0x0A]).write(to: lines)
    #expect(throws: LedgerFault.badLine(2)) { try read() }
  }

  /// Whoever holds the key drops a failed drill and signs everything again: alone it looks right.
  @Test func aForkByTheKeyHolderShowsAgainstACheckpointThatWasKept() async throws {
    try await begin(3)
    let kept = try #require(try read().checkpoint)
    try FileManager.default.removeItem(at: fixture.folder.appending(path: "ledger"))
    try await begin(1, from: 5)
    try await begin(3, from: 6)
    let forged = try read()
    #expect(forged.signedSize == 5)
    #expect(throws: LedgerFault.otherRoot(size: 4)) { try forged.confirm(kept) }
  }

  @Test func anOldCheckpointWithACutFileShowsAgainstTheReports() async throws {
    let folder = try await fixture.write(try await fixture.report())
    let before = (try Data(contentsOf: lines), try Data(contentsOf: checkpoint))
    let second = try await fixture.write(
      try await fixture.report(.init(run: "01M864XNF4FHYZTFFZD68B54C0")))
    try before.0.write(to: lines)
    try before.1.write(to: checkpoint)
    let audit = LedgerAudit(
      try read(), runs: [],
      reports: try [folder, second].map { ($0.path, try #require($0.statementDigest)) },
      anchored: [], now: SystemTime().now().wall)
    #expect(audit.faults == ["no entry names the report \(second.path)"])
    #expect(!audit.warnings.contains { $0.contains("not on the disk") })
    let empty = LedgerAudit(
      try read(), runs: [], reports: [], anchored: [], now: SystemTime().now().wall)
    #expect(empty.warnings.filter { $0.contains("not on the disk") }.count == 1)
  }

  @Test func theAuditNamesOpenRunsMissedDrillsAndAnchorsThatLag() async throws {
    try await begin(1)
    let content = try read()
    let run = try #require(content.entries[1].run)
    let later = SystemTime().now().wall + .seconds(70 * 86_400)
    let audit = LedgerAudit(
      content, runs: [(run, true), ("01M864XNF4FHYZTFFZD68B54ZZ", true)], reports: [],
      anchored: [("vault", 1), ("tsa", 2)], now: later)
    #expect(audit.faults.contains { $0.contains("was never closed") })
    #expect(
      audit.faults.contains { $0.contains("no entry says that run 01M864XNF4FHYZTFFZD68B54ZZ") })
    #expect(audit.warnings.contains { $0.contains("asks for a drill every month") })
    #expect(audit.warnings.contains { $0.contains("anchor vault lags: 1 entries") })
    #expect(audit.checks.contains { $0.contains("anchor tsa holds the newest") })
  }

  @Test func aLedgerIsHandedOverWithTheConsentOfTheOldKey() async throws {
    try await begin(1)
    let heir = try #require(Ed25519.SigningKey.generate())
    _ = try await fixture.ledger.rotate(from: LocalSigner(fixture.key), to: LocalSigner(heir))
    #expect(try read().key == heir.verifyingKey)
    await #expect(throws: LedgerFault.self) { try await begin(1, from: 1) }
    _ = try await fixture.ledger.append(
      origin: "test/ledger", signer: LocalSigner(heir), bearsOut: { _ in true },
      drafts: { _ in [.init(.runStarted, ["run": "r", "plan": "p"])] })
    #expect(try read().signedSize == 4)
    let stranger = try #require(Ed25519.SigningKey.generate())
    await #expect(throws: LedgerFault.self) {
      try await fixture.ledger.rotate(from: LocalSigner(stranger), to: LocalSigner(stranger))
    }
  }

  @Test func whatWasNeverBegunCannotBeHandedOver() async throws {
    let ledger = Ledger(folder: "\(fixture.folder.path)/nothing", time: SystemTime())
    await #expect(throws: LedgerFault.notBegun(ledger.folder)) {
      try await ledger.rotate(from: LocalSigner(fixture.key), to: LocalSigner(fixture.key))
    }
    #expect(!FileManager.default.fileExists(atPath: ledger.folder))
  }

  @Test func anAnchorGetsTheNewestCheckpointOnce() async throws {
    struct Vault: Anchor {
      let name = "vault"
      let receiptSuffix = "json"
      func store(_ note: SignedNote, size: Int) async throws -> [UInt8] { Array("\(size)".utf8) }
    }
    try await begin(2)
    let book = AnchorBook(of: fixture.ledger)
    #expect(try await book.advance(Vault(), to: try read()))
    #expect(!(try await book.advance(Vault(), to: try read())))
    #expect(try book.size(at: "vault") == 3)
    for anchored in try book.anchored() { try read().confirm(anchored.checkpoint) }
    try FileManager.default.removeItem(at: lines)
    try FileManager.default.removeItem(at: checkpoint)
    try await begin(1, from: 4)
    let forged = try read()
    let kept = try #require(try book.anchored().first)
    #expect(throws: LedgerFault.self) { try forged.confirm(kept.checkpoint) }
  }
}
