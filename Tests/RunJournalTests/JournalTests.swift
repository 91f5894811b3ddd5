import Foundation
import Platform
import StrictJSON
import Testing

@testable import RunJournal

/// A clock that stands still, so that no lease grows old on a busy machine.
private struct StoppedTime: TimeSource {
  private let moment = SystemTime().now()
  func now() -> ClockReading { moment }
  func sleep(for duration: Duration) async throws { try await SystemTime().sleep(for: duration) }
}

@Suite final class JournalTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: UUID().uuidString).path

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func journal(_ time: some TimeSource = SystemTime()) throws -> Journal {
    try Journal(folder: folder, time: time)
  }

  private func begin(_ journal: Journal, _ id: String = "R1") async throws -> Lease {
    let record = RunRecord(
      id: id, planName: "p", planDigest: "d", mode: "drill", createdAt: Timestamp(unixSeconds: 1))
    return try await journal.create(
      record, planBytes: [1, 2], opening: [EventDraft(.runCreated)], holder: .current()
    ).lease
  }

  @Test func eventsComeBackAsWrittenAndFormAChain() async throws {
    let journal = try journal()
    let lease = try await begin(journal)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for step in 0..<200 {
        group.addTask {
          _ = try await journal.append(
            [EventDraft(.stepStarted, step: "s\(step)", attempt: 1)],
            under: lease)
        }
      }
      try await group.waitForAll()
    }
    let events = try await self.journal().events(of: "R1")
    #expect(events.count == 201)
    #expect(try EventChain.verify(events) == events.last?.hash)
    #expect(try await self.journal().planBytes("d") == [1, 2])
    for event in events { #expect(JournalEvent(json: event.json) == event) }
  }

  @Test func anyChangeBreaksTheChain() async throws {
    let journal = try journal()
    let lease = try await begin(journal)
    _ = try await journal.append(
      (0..<5).map { EventDraft(.stepWaiting, step: "a", body: ["n": .integer($0)]) }, under: lease)
    let events = try await journal.events(of: "R1")
    #expect(throws: BrokenChain.self) { try EventChain.verify(Array(events.dropFirst())) }
    #expect(throws: BrokenChain.self) {
      try EventChain.verify(events.dropLast(2) + events.suffix(1))
    }
    #expect(throws: BrokenChain.self) { try EventChain.verify(events.reversed()) }
    var object = try #require(events[2].json.objectValue)
    object["body"] = ["n": 99]
    let forged = try #require(JournalEvent(json: .object(object)))
    #expect(throws: BrokenChain.self) {
      try EventChain.verify(Array(events[..<2]) + [forged] + Array(events[3...]))
    }
  }

  @Test func aSecondExecutorIsRefusedAndATakenOverOneIsFenced() async throws {
    let journal = try journal(StoppedTime())
    let lease = try await begin(journal)
    let elsewhere = ProcessIdentity(user: "u", host: "other", boot: "b", process: 1, started: "1")
    await #expect(throws: LeaseRefused.self) {
      try await journal.acquireLease(of: "R1", by: elsewhere)
    }
    try await journal.release(lease)
    let taken = try await journal.acquireLease(of: "R1", by: elsewhere)
    #expect(taken.token > lease.token)
    await #expect(throws: LeaseLost.self) {
      try await journal.append([EventDraft(.runFinished)], under: lease)
    }
    // The process of another machine is not known to be gone, one of an earlier boot here is.
    await #expect(throws: LeaseRefused.self) {
      try await journal.acquireLease(of: "R1", by: .current())
    }
    try await journal.release(taken)
    let me = ProcessIdentity.current()
    let dead = ProcessIdentity(
      user: me.user, host: me.host, boot: "earlier", process: me.process, started: me.started)
    _ = try await journal.acquireLease(of: "R1", by: dead)
    _ = try await journal.acquireLease(of: "R1", by: me)
  }

  @Test func filesAreForTheOwnerOnly() async throws {
    let journal = try journal()
    _ = try await begin(journal)
    let mode = { (path: String) in
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(folder) == 0o700)
    #expect(try mode(journal.path) == 0o600)
    #expect(try mode(journal.path + "-wal") == 0o600)
  }

  @Test func whatIsNoJournalIsNamedAndLeftAlone() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/journal.sqlite"
    let bytes = Data("this is no database, and it is long enough to be looked at".utf8)
    try bytes.write(to: URL(filePath: path))
    #expect(throws: SQLiteError.self) { try journal() }
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
  }

  @Test func aNewerJournalIsRefused() throws {
    _ = try journal()
    let connection = try SQLiteConnection(path: folder + "/journal.sqlite")
    try connection.execute("PRAGMA user_version = 99")
    #expect(throws: JournalVersionError.self) { try journal() }
  }

  @Test func eventsCannotBeChangedOrDeleted() async throws {
    let journal = try journal()
    _ = try await begin(journal)
    let connection = try SQLiteConnection(path: journal.path)
    #expect(throws: SQLiteError.self) { try connection.execute("UPDATE events SET body = '{}'") }
    #expect(throws: SQLiteError.self) { try connection.execute("DELETE FROM events") }
  }

  @Test func aRunIsPrunedAsAWholeAndLeavesItsLastHash() async throws {
    let journal = try journal()
    let lease = try await begin(journal)
    _ = try await begin(journal, "R2")
    #expect(try await journal.prune("R1", by: "ada") == nil)
    let last = try #require(
      try await journal.append([EventDraft(.runFinished)], under: lease).last)
    try await journal.release(lease)
    let pruned = try #require(try await journal.prune("R1", by: "ada"))
    #expect(pruned.lastHash == last.hash)
    #expect(pruned.events == 2)
    try await journal.compact()
    #expect(try await journal.events(of: "R1").isEmpty)
    #expect(try await journal.events(of: "R2").count == 1)
    #expect(try await journal.pruned("R1")?.by == "ada")
    #expect(try await journal.prune("R1", by: "ada") == nil)
    #expect(try await journal.runs().map(\.isPruned) == [false, true])
    let again = try await journal.acquireLease(of: "R1", by: .current())
    await #expect(throws: SQLiteError.self) {
      try await journal.append([EventDraft(.runAttached)], under: again)
    }
  }

  /// A file of the first version, as a program of that time left it.
  @Test func anOlderJournalIsMigratedAndKeepsItsRuns() async throws {
    let journal = try journal()
    _ = try await begin(journal)
    let connection = try SQLiteConnection(path: journal.path)
    try connection.execute(
      """
      DROP TRIGGER nothing_follows_a_pruned_run;
      DROP TRIGGER events_are_deleted_only_when_pruned; DROP TABLE pruned;
      CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
      PRAGMA user_version = 1;
      """)
    let reopened = try self.journal()
    #expect(try await reopened.events(of: "R1").count == 1)
    #expect(try await reopened.pruned("R1") == nil)
  }

  @Test func aDamagedJournalIsNamedAndLeftAlone() async throws {
    do {
      let journal = try journal()
      for number in 0..<200 { _ = try await begin(journal, "R\(number)") }
      try await journal.compact()
    }
    let file = URL(filePath: folder + "/journal.sqlite")
    var bytes = try Data(contentsOf: file)
    let page = 4_096
    #expect(bytes.count > 8 * page)
    for index in (bytes.count - 2 * page)..<bytes.count { bytes[index] ^= 0x5A }
    try bytes.write(to: file)
    let error = #expect(throws: SQLiteError.self) { try self.journal() }
    #expect(error?.summary == "the journal is damaged")
    #expect(try Data(contentsOf: file) == bytes)
  }

  @Test func aLockedJournalIsNamed() async throws {
    let journal = try journal()
    let lease = try await begin(journal)
    let other = try SQLiteConnection(path: journal.path)
    try other.execute("BEGIN IMMEDIATE")
    let error = await #expect(throws: SQLiteError.self) {
      try await journal.append([EventDraft(.runFinished)], under: lease)
    }
    #expect(error?.summary == "the journal is locked by another program")
    try other.execute("ROLLBACK")
    _ = try await journal.append([EventDraft(.runFinished)], under: lease)
  }
}
