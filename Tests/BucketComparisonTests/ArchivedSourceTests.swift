import Platform
import Testing

@testable import BucketComparison

/// Objects of the source that are in an archive: S3 does not replicate them from there, but may have done so before
/// a lifecycle rule put them there.
@Suite struct ArchivedSourceTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)
  private static let old = listedAt - .seconds(86_400)

  private static func rows(
    _ count: Int, prefix: String = "k", told: ReportedState = ReportedState()
  ) -> [ObjectRecord] {
    (0..<count).map {
      ObjectRecord(
        key: Array("\(prefix)\(10_000 + $0)".utf8), etag: "e", size: 1, modified: old,
        storageClass: "DEEP_ARCHIVE", told: told)
    }
  }

  private static let judge = Judge(
    rules: nil, maximumLag: .seconds(900), replicatedSince: nil, etagsAreComparable: true,
    listedAt: listedAt)

  private func compare(
    _ rows: [ObjectRecord], _ status: (String) -> ObjectHead.Status?
  ) async throws -> ComparisonTally {
    let heads = rows.map { row in
      var head = ObjectHead(
        exists: true, size: 1, etag: "e", modified: Self.old, status: status(row.name))
      head.storageClass = row.storageClass
      return (row.name, head)
    }
    return try await BucketComparison(
      source: StoredBucket("source", rows, pageSize: 100), replica: StoredBucket("replica", []),
      judge: Self.judge,
      examiner: TableExaminer(sources: Dictionary(heads) { first, _ in first }),
      options: .init(parallel: 1), time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
  }

  @Test func whatWasReplicatedBeforeItWasArchivedIsMissing() async throws {
    let tally = try await compare(Self.rows(150)) { _ in .completed }
    #expect(tally.differences == ["missing": 150])
    #expect(tally.oldestAbsence == Self.old)
    #expect(tally.shown.first?.contains("although it was replicated") == true)
    #expect(try await compare(Self.rows(3)) { _ in .failed }.differences == ["failed": 3])
    #expect(try await compare(Self.rows(3)) { _ in .pending }.differences == ["missing": 3])
  }

  @Test func whatHasNoReplicationStatusIsExcused() async throws {
    let none = try await compare(Self.rows(150)) { _ in nil }
    #expect(none.neverEligible == ["archived": 150])
    #expect(none.unexamined == 0)
    let some = try await compare(Self.rows(4)) { $0.hasSuffix("1") ? .completed : nil }
    #expect(some.neverEligible == ["archived": 3])
    #expect(some[.missing] == 1)
    let replicas = try await compare(Self.rows(2)) { _ in .replica }
    #expect(replicas.findings == 0)
  }

  /// Beyond the looks those that were looked at tell whether this bucket archives what it has replicated.
  @Test func theRestGoesByThoseThatWereLookedAt() async throws {
    let lost = try await compare(Self.rows(2_500)) { $0 == "k10000" ? .completed : nil }
    #expect(lost.unexamined == 500)
    #expect(lost[.missing] == 501)
    #expect(lost.neverEligible == ["archived": 1_999])
    let never = try await compare(Self.rows(2_500)) { _ in nil }
    #expect(never.neverEligible == ["archived": 2_500])
  }

  /// Looks at what is archived leave the others' in place.
  @Test func archivesDoNotUseUpTheLooks() async throws {
    let plain = ObjectRecord(key: Array("z".utf8), etag: "e", size: 1, modified: Self.old)
    let tally = try await compare(Self.rows(2_500) + [plain]) { $0 == "z" ? .failed : nil }
    #expect(tally[.failed] == 1)
  }

  /// A bucket whose objects were put into an archive at once says nothing of its rule's age.
  @Test func theAgeOfARuleIsNotLearnedFromArchives() {
    var head = ObjectHead(exists: true, size: 1, modified: Self.old)
    var age = ReplicationAge()
    head.storageClass = "GLACIER"
    age.note(head, optsInToKMS: true)
    #expect(!age.isBehind(Self.old))
    head.storageClass = "STANDARD_IA"
    age.note(head, optsInToKMS: true)
    #expect(age.isBehind(Self.old))
  }

  @Test(arguments: [
    ("COMPLETED", DifferenceKind.missing), ("PENDING", .missing), ("FAILED", .failed),
    ("REPLICA", .neverEligible), ("", .neverEligible),
  ]) func aReportTellsWithoutALook(status: String, kind: DifferenceKind) throws {
    let told = ReportedState(replication: status, encryption: nil)
    let row = try #require(Self.rows(1, told: told).first)
    let judged = try #require(Self.judge.judge(Difference(source: row, replica: nil)))
    #expect(judged.kind == kind)
    if status.isEmpty { #expect(judged.reason == "archived") }
  }

  @Test func aSampleAsksToo() async throws {
    let rows = Self.rows(20)
    let heads = rows.map { row in
      var head = ObjectHead(exists: true, size: 1, etag: "e", modified: Self.old)
      if row.name.hasSuffix("5") {
        head = ObjectHead(
          exists: true, size: 1, etag: "e", modified: Self.old, status: .completed)
      }
      head.storageClass = row.storageClass
      return (row.name, head)
    }
    let result = try await SampleComparison(
      source: StoredBucket("source", rows),
      examiner: TableExaminer(sources: Dictionary(heads) { first, _ in first }), judge: Self.judge,
      prefixes: [], count: 20, random: SeededRandom(seed: 1)
    ).run()
    #expect(result.tally.differences == ["missing": 2, "never_eligible": 18])
  }
}
