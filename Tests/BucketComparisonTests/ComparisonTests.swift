import AWSClient
import Foundation
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import BucketComparison

@Suite struct ComparisonTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)
  private static let old = listedAt - .seconds(86_400)

  private static func object(
    _ key: String, size: Int64 = 1, etag: String = "e", modified: Timestamp = old,
    version: String = "", isDeleteMarker: Bool = false
  ) -> ObjectRecord {
    ObjectRecord(
      key: Array(key.utf8), etag: etag, size: size, modified: modified, version: version,
      isDeleteMarker: isDeleteMarker)
  }

  private func judge(rules: ReplicationRules? = nil, since: Timestamp? = nil) -> Judge {
    Judge(
      rules: rules, maximumLag: .seconds(900), replicatedSince: since, etagsAreComparable: true,
      listedAt: Self.listedAt)
  }

  private func compare(
    _ source: StoredBucket, _ replica: StoredBucket, judge: Judge? = nil,
    examiner: TableExaminer? = nil, options: BucketComparison.Options = .init(),
    from start: ComparisonProgress = ComparisonProgress(), findings: String? = nil,
    time: TestTime = TestTime(),
    mark: @escaping @Sendable (ComparisonProgress) async throws -> Void = { _ in }
  ) async throws -> ComparisonProgress {
    try await BucketComparison(
      source: source, replica: replica, judge: judge ?? self.judge(), examiner: examiner,
      options: options, time: time
    ).run(from: start, findings: findings, mark: mark)
  }

  @Test func differencesAreToldApart() async throws {
    let young = Self.listedAt - .seconds(60)
    let source = StoredBucket(
      "source",
      [
        Self.object("a"), Self.object("b-missing"), Self.object("c-young", modified: young),
        Self.object("d-stale", size: 2),
        Self.object("e-different", etag: "x", modified: Self.old - .seconds(9)),
        Self.object("f-parts", etag: "x-2"), Self.object("g-new", etag: "n", modified: young),
      ])
    let replica = StoredBucket(
      "replica",
      [
        Self.object("a"), Self.object("aa-extra"),
        Self.object("d-stale", modified: Self.old - .seconds(60)),
        Self.object("e-different", etag: "y"), Self.object("f-parts", etag: "y-3"),
        Self.object("g-new", etag: "o"),
      ])
    let tally = try await compare(source, replica).tally
    #expect(
      tally.differences == ["missing": 1, "extra": 1, "in_flight": 2, "stale": 1, "different": 1])
    #expect(tally.same == 2)
    #expect(tally.sameBySize == 1)
    #expect(tally.sourceObjects == 7)
    #expect(tally.replicaObjects == 6)
    #expect(tally.oldestAbsence == Self.old)
    #expect(tally.findings == 4)
  }

  @Test func whatNoRuleCoversIsCountedApart() async throws {
    var rule = ReplicationRule()
    rule.prefix = "media/"
    rule.destination = "replica"
    let rules = ReplicationRules([rule], to: "replica")
    let source = StoredBucket(
      "source",
      [
        Self.object("logs/1"), Self.object("media/1", modified: Self.old - .seconds(90)),
        Self.object("media/2"),
      ])
    let tally = try await compare(
      source, StoredBucket("replica", []),
      judge: judge(rules: rules, since: Self.old - .seconds(60))
    ).tally
    #expect(tally.neverEligible == ["no rule covers it": 1, "older than the replication": 1])
    #expect(tally[.missing] == 1)
    #expect(tally.oldestAbsence == Self.old)
  }

  @Test func doubtsAreLookedUp() async throws {
    var rule = ReplicationRule()
    rule.destination = "replica"
    rule.replicatesDeleteMarkers = true
    let rules = ReplicationRules([rule], to: "replica")
    let keys = ["failed", "gone", "kms", "replica", "same"]
    let source = StoredBucket("source", keys.map { Self.object($0, etag: "s") })
    let replica = StoredBucket(
      "replica",
      [Self.object("deleted"), Self.object("purged"), Self.object("same", etag: "r")])
    let there = { (status: ObjectHead.Status?) in
      ObjectHead(exists: true, size: 1, modified: Self.old, status: status)
    }
    let sum = ObjectHead(exists: true, size: 1, checksum: "crc32:1")
    let examiner = TableExaminer(
      sources: [
        "failed": there(.failed), "replica": there(.replica), "same": sum,
        "kms": ObjectHead(exists: true, size: 1, modified: Self.old, encryption: "aws:kms"),
        "deleted": ObjectHead(exists: false, isDeleted: true, modified: Self.old),
      ], replicas: ["same": sum, "deleted": there(nil), "purged": there(nil)])
    // Statuses are shown, so that the lack of one means something.
    let first = try await compare(
      source, replica, judge: judge(rules: rules), examiner: examiner
    ).tally
    #expect(first[.failed] == 1)
    #expect(first[.extra] == 1)
    // The one by its checksum; the other is gone on both sides by now.
    #expect(first.same == 2)
    #expect(first[.neverEligible] == 3)
    #expect(first[.missing] == 0)
    #expect(first.oldestAbsence == Self.old)
  }

  @Test func theLackOfAStatusMeansNothingUntilOneWasSeen() {
    let difference = Difference(source: Self.object("k"), replica: nil)
    let judged = JudgedDifference(difference, .missing, "the replica does not have it")
    let head = ObjectHead(exists: true, size: 1, modified: Self.old)
    let none = ObjectHead(exists: false)
    let refine = { (shows: Bool) in
      Examination(judge: self.judge(), showsStatus: shows)
        .refine(judged, source: head, replica: none)
    }
    #expect(refine(false) == .differs(judged))
    guard case .differs(let refined) = refine(true) else {
      Issue.record("it is a difference")
      return
    }
    #expect(refined.kind == .neverEligible)
  }

  /// Nothing more can be asked of it: what the listings say stays.
  @Test func aDeleteMarkerIsJudgedByTheListings() {
    let marker = Self.object("k", size: 0, etag: "", version: "m", isDeleteMarker: true)
    let judged = JudgedDifference(
      Difference(source: marker, replica: nil), .missing, "the replica does not have it")
    let refined = Examination(judge: judge(), showsStatus: true).refine(
      judged, source: ObjectHead(exists: true, isDeleted: true),
      replica: ObjectHead(exists: false))
    #expect(refined == .differs(judged))
  }

  @Test func everyVersionIsCompared() async throws {
    let source = StoredBucket(
      "source",
      (0..<25).map { Self.object("k", etag: "\($0)", version: "v\($0)") } + [
        Self.object("l", size: 0, etag: "", version: "m", isDeleteMarker: true)
      ])
    let replica = StoredBucket(
      "replica",
      (0..<25).reversed().filter { $0 != 7 }.map {
        Self.object("k", etag: "\($0)", version: "v\($0)")
      })
    let tally = try await compare(source, replica, options: .init(includesVersions: true)).tally
    #expect(tally.same == 24)
    #expect(tally[.missing] == 2)
  }

  /// With keys of every length, and slow pages so that ranges are split, every key is still compared
  /// exactly once.
  @Test(arguments: [1, 4, 16]) func splittingComparesEachKeyOnce(parallel: Int) async throws {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    let alphabet = Array("ab/0~é😀 ")
    let keys = Set(
      (0..<1_500).map { _ in
        "stem/" + String((0...random.next() % 6).map { _ in alphabet[Int(random.next() % 8)] })
      } + (0..<1_500).map { "stem/number-\($0)" })
    let source = StoredBucket("source", keys.map { Self.object($0) })
    let replica = StoredBucket(
      "replica", keys.filter { $0.hasSuffix("7") == false }.map { Self.object($0) })
    let tally = try await compare(
      source, replica, options: .init(parallel: parallel), time: TestTime(step: .milliseconds(20))
    ).tally
    #expect(tally.sourceObjects == keys.count, "seed \(seed)")
    #expect(tally.same == keys.count { !$0.hasSuffix("7") }, "seed \(seed)")
    #expect(tally[.missing] == keys.count { $0.hasSuffix("7") }, "seed \(seed)")
  }

  /// The versions of a key may go on over pages, beyond what the worker has said that it looks at.
  @Test(arguments: [1, 8]) func versionsAreSharedOutAndComparedOnce(parallel: Int) async throws {
    let keys = (0..<400).map { "stem/number-\($0)" }
    let versions = { (count: Int) in
      keys.flatMap { key in
        (0..<(key.hasSuffix("3") ? 25 : count)).map { Self.object(key, version: "v\($0)") }
      }
    }
    let (source, replica) = (
      StoredBucket("source", versions(3)), StoredBucket("replica", versions(2))
    )
    let tally = try await compare(
      source, replica, options: .init(includesVersions: true, parallel: parallel),
      time: TestTime(step: .milliseconds(20))
    ).tally
    #expect(tally.sourceObjects == versions(3).count)
    #expect(tally.replicaObjects == versions(2).count)
    #expect(tally.same == versions(2).count)
    #expect(tally[.missing] == 360)
    #expect((source.probes > 0) == (parallel > 1))
  }

  @Test func prefixesAreComparedOnceAndAlone() async throws {
    let keys = ["a/1", "a/b/2", "b/3", "c/4"].map { Self.object($0) }
    let tally = try await compare(
      StoredBucket("source", keys), StoredBucket("replica", keys),
      options: .init(prefixes: ["a/", "a/b/", "c/"])
    ).tally
    #expect(tally.same == 3)
  }

  @Test func aPageThatRepeatsIsRefused() async throws {
    let keys = (0..<100).map { Self.object("k\(1_000 + $0)") }
    let source = StoredBucket("source", keys)
    source.misbehave(.repeatsPage(after: 50))
    await #expect(throws: Problem.self) {
      _ = try await compare(source, StoredBucket("replica", keys))
    }
  }

  /// As journals have it: keys escaped, a star for no bound.
  @Test func progressComesBackAsItWas() throws {
    var progress = ComparisonProgress()
    let key = { (text: String) in Array(text.utf8) }
    progress.add(.init(after: nil, upTo: key("media/a\n")), of: key("media/"))
    progress.add(.init(after: key("media/c"), upTo: nil), of: key("media/"))
    progress.tally.same = 3
    let json = try JSONValue(encoding: progress)
    let done = String(decoding: try #require(json["done"]).canonicalBytes(), as: UTF8.self)
    #expect(done == #"{"media%2F":[["*","media%2Fa%0A"],["media%2Fc","*"]]}"#)
    #expect(try json.decode(ComparisonProgress.self) == progress)
    #expect(
      progress.rest(of: [key("media/")]) == [
        KeyRange(prefix: key("media/"), after: key("media/a\n"), upTo: key("media/c"))
      ])
  }

  @Test func aComparisonGoesOnWhereItStopped() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let list = folder.appending(path: "list.zst").path
    let keys = (0..<500).map { Self.object("k\(1_000 + $0)") }
    let source = StoredBucket("source", keys)
    let replica = StoredBucket(
      "replica", keys.enumerated().filter { $0.offset % 10 != 0 }.map(\.element))
    source.misbehave(.fails(after: 300))
    let marked = Mutex(ComparisonProgress())
    await #expect(throws: Problem.self) {
      _ = try await compare(
        source, replica, options: .init(parallel: 1), findings: list
      ) { progress in
        // As it comes back from the journal.
        let json = try JSONValue(encoding: progress)
        let read = try json.decode(ComparisonProgress.self)
        marked.withLock { $0 = read }
      }
    }
    let before = marked.withLock { $0 }
    #expect(before.tally.sourceObjects >= 200)
    // What was written behind the mark belongs to nothing.
    let file = try AppendedFile(list, keeping: before.findingsLength, mode: 0o600)
    try await file.append([1, 2, 3])
    source.misbehave(.none)
    let pages = source.pages
    let done = try await compare(source, replica, from: before, findings: list)
    #expect(done.tally.sourceObjects == 500)
    #expect(done.tally[.missing] == 50)
    #expect(source.pages - pages < 35)
    let lines = Mutex([String]())
    try await FindingsList(list).forEach { found in
      lines.withLock { $0 += found.compactMap { $0["key"]?.stringValue } }
    }
    #expect(lines.withLock { Set($0).count } == 50)
    #expect(lines.withLock { $0.count } == 50)
  }
}
