import AWSClient
import Platform
import Testing

@testable import BucketComparison

/// What a difference is held for, by the listings and by a look at the objects.
@Suite struct JudgementTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)
  private static let old = listedAt - .seconds(86_400)
  private static let older = old - .seconds(60)

  private static func object(
    _ key: String = "k", size: Int64 = 1, etag: String = "e", modified: Timestamp = old,
    storageClass: String = "", isDeleteMarker: Bool = false
  ) -> ObjectRecord {
    ObjectRecord(
      key: Array(key.utf8), etag: etag, size: size, modified: modified, storageClass: storageClass,
      isDeleteMarker: isDeleteMarker)
  }

  private func judge(
    _ purpose: Judge.Purpose = .replication, rules: [ReplicationRule]? = nil,
    etagsAreComparable: Bool = true
  ) -> Judge {
    Judge(
      purpose, rules: rules.map { ReplicationRules($0, to: "replica") },
      maximumLag: purpose == .copy ? .zero : .seconds(900), replicatedSince: nil,
      etagsAreComparable: etagsAreComparable, listedAt: Self.listedAt)
  }

  private func rule(
    _ prefix: String = "", priority: Int = 0, tags: [String: String] = [:],
    deletions: Bool = false
  ) -> ReplicationRule {
    var rule = ReplicationRule()
    rule.prefix = prefix
    rule.priority = priority
    rule.tags = tags
    rule.destination = "replica"
    rule.replicatesDeleteMarkers = deletions
    return rule
  }

  // Copies

  @Test func aCopyDoesNotOverwriteWhatIsNewer() {
    let judge = judge(.copy)
    let kind = { (target: ObjectRecord) in
      judge.judge(Difference(source: Self.object(size: 2, etag: "a"), replica: target))?.kind
    }
    #expect(kind(Self.object(size: 3, etag: "b")) == .newer)
    #expect(kind(Self.object(size: 2, etag: "b")) == .newer)
    #expect(kind(Self.object(size: 2, etag: "b", modified: Self.older)) == .stale)
    #expect(kind(Self.object(size: 2, etag: "a", modified: Self.older)) == nil)
    #expect(DifferenceKind.newer.isFinding && !DifferenceKind.newer.isAbsence)
  }

  @Test func whatIsArchivedCannotBeCopiedBeforeItIsRestored() {
    for name in ["GLACIER", "DEEP_ARCHIVE"] {
      let archived = Self.object(storageClass: name)
      let missing = judge(.copy).judge(Difference(source: archived, replica: nil))
      #expect(missing?.kind == .archived)
      #expect(missing?.reason.contains("RestoreObject") == true)
      let stale = Difference(source: archived, replica: Self.object(size: 2, modified: Self.older))
      #expect(judge(.copy).judge(stale)?.kind == .archived)
      #expect(judge().judge(Difference(source: archived, replica: nil))?.kind == .neverEligible)
    }
    let instant = Self.object(storageClass: "GLACIER_IR")
    #expect(judge(.copy).judge(Difference(source: instant, replica: nil))?.kind == .missing)
    #expect(DifferenceKind.archived.isFinding && DifferenceKind.archived.isAbsence)
  }

  @Test func whatIsRestoredFromTheArchiveIsMissing() throws {
    let judged = try #require(
      judge(.copy).judge(
        Difference(source: Self.object(storageClass: "DEEP_ARCHIVE"), replica: nil)))
    var head = ObjectHead(exists: true, size: 1, etag: "e", modified: Self.old)
    head.storageClass = "DEEP_ARCHIVE"
    let refined = { (restoration: String?) -> JudgedDifference? in
      head.restoration = restoration
      let result = Examination(judge: self.judge(.copy), showsStatus: false)
        .refine(judged, source: head, replica: ObjectHead(exists: false))
      if case .differs(let judged) = result { return judged }
      return nil
    }
    #expect(refined(nil)?.kind == .archived)
    #expect(refined("ongoing-request=\"true\"")?.reason.hasSuffix("which is under way") == true)
    #expect(
      refined(
        "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2026 00:00:00 GMT\"")?.kind
        == .missing)
  }

  @Test func archivedReplicasAreCounted() async throws {
    let names = ["GLACIER", "DEEP_ARCHIVE", "STANDARD", "GLACIER_IR", "", "GLACIER"]
    let rows = names.enumerated().map { Self.object("k\($0.offset)", storageClass: $0.element) }
    for includesVersions in [false, true] {
      let tally = try await BucketComparison(
        source: StoredBucket("source", rows.map { Self.object($0.name) }),
        replica: StoredBucket("replica", rows), judge: judge(), examiner: nil,
        options: .init(includesVersions: includesVersions), time: TestTime()
      ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
      #expect(tally.same == 6)
      #expect(tally.archivedReplicas == ["GLACIER": 2, "DEEP_ARCHIVE": 1])
    }
  }

  // Delete markers

  /// Rules with tags do not replicate them, and do not keep the rule beneath from it.
  @Test(arguments: [true, false]) func deleteMarkersGoByTheRulesWithoutTags(deletions: Bool) {
    let rules = [
      rule(priority: 2, tags: ["kind": "hot"]), rule("k", priority: 1, deletions: deletions),
    ]
    let marker = Self.object(size: 0, etag: "", isDeleteMarker: true)
    let judged = judge(rules: rules).judge(Difference(source: marker, replica: nil))
    #expect(judged?.kind == (deletions ? .missing : .neverEligible))
    let extra = JudgedDifference(Difference(source: nil, replica: Self.object()), .extra, "")
    let result = Examination(judge: judge(rules: rules), showsStatus: true).refine(
      extra, source: ObjectHead(exists: false, isDeleted: true, modified: Self.old),
      replica: ObjectHead(exists: true, size: 1, etag: "e", modified: Self.old))
    guard case .differs(let refined) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(refined.kind == (deletions ? .extra : .neverEligible))
  }

  @Test func aRuleWithTagsAloneReplicatesNoDeleteMarker() {
    let judge = judge(rules: [rule(tags: ["kind": "hot"])])
    let marker = Self.object(size: 0, etag: "", isDeleteMarker: true)
    #expect(judge.judge(Difference(source: marker, replica: nil))?.kind == .neverEligible)
    #expect(judge.judge(Difference(source: Self.object(), replica: nil))?.kind == .missing)
  }

  // Looks at the objects

  /// Writers may ask for KMS in a bucket that does not by default: ETags are no MD5 sums then.
  @Test func copiesUnderKMSAreTheSameBySizeAndTime() {
    let judged = JudgedDifference(
      Difference(source: Self.object(etag: "a"), replica: Self.object(etag: "b")), .different,
      "the ETags differ")
    let refine = { (encryption: String, modified: Timestamp) in
      Examination(judge: self.judge(), showsStatus: true).refine(
        judged,
        source: ObjectHead(
          exists: true, size: 1, etag: "a", modified: Self.old, status: .completed,
          encryption: encryption),
        replica: ObjectHead(
          exists: true, size: 1, etag: "b", modified: modified, encryption: encryption))
    }
    #expect(refine("aws:kms", Self.old) == .sameBySize)
    #expect(refine("aws:kms:dsse", Self.old) == .sameBySize)
    for (encryption, modified) in [("aws:kms", Self.older), ("AES256", Self.old)] {
      guard case .differs = refine(encryption, modified) else {
        Issue.record("\(encryption)")
        continue
      }
    }
  }

  /// One object that S3 does not show does not end the comparison of the others.
  @Test func anObjectThatIsNotShownStaysWhatTheListingsSay() async throws {
    let keys = (0..<40).map { Self.object("k\($0)") }
    let examiner = TableExaminer(
      sources: Dictionary(
        uniqueKeysWithValues: keys.enumerated().map { index, record in
          (
            record.name,
            index % 4 == 0
              ? .refused("AccessDenied") : ObjectHead(exists: true, size: 1, status: .failed)
          )
        }))
    let tally = try await BucketComparison(
      source: StoredBucket("source", keys), replica: StoredBucket("replica", []), judge: judge(),
      examiner: examiner, options: .init(), time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
    #expect(tally.differences == ["missing": 10, "failed": 30])
    #expect(tally.unexamined == 10)
    #expect(tally.refusals == ["AccessDenied": 10])
  }

  /// S3 may give up on an object before the allowed lag is over.
  @Test func aFailureIsNamedHoweverYoung() async throws {
    let young = Self.listedAt - .seconds(60)
    let source = StoredBucket("source", ["a", "b"].map { Self.object($0, modified: young) })
    let heads = [
      "a": ObjectHead(exists: true, size: 1, modified: young, status: .failed),
      "b": ObjectHead(exists: true, size: 1, modified: young, status: .pending),
    ]
    let tally = try await BucketComparison(
      source: source, replica: StoredBucket("replica", []), judge: judge(),
      examiner: TableExaminer(sources: heads), options: .init(), time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
    #expect(tally.differences == ["failed": 1, "in_flight": 1])
    #expect(tally.shown.count == 1)
  }

  // Ages of rules

  /// More objects than are looked up are older than the rule: they are no findings, and no loss.
  @Test func whatIsOlderThanItsRuleIsNoFindingHoweverMuchThereIs() async throws {
    let records = (0..<2_500).map { number in
      Self.object(
        "k\(10_000 + number)", modified: Self.old - .seconds(Int64((number * 7_919) % 2_500)))
    }
    let heads = records.map { ($0.name, ObjectHead(exists: true, size: 1, modified: $0.modified)) }
    let tally = try await compareWithStatuses(records, Dictionary(uniqueKeysWithValues: heads))
    #expect(tally.neverEligible.values.reduce(0, +) == 2_500)
    #expect(tally.findings == 0)
    #expect(tally.oldestAbsence == nil)
    #expect(tally.unexamined > 400)
  }

  /// There was a rule before, which somebody had switched off for a while.
  @Test func aRuleThatWasSwitchedOffForAWhileHidesNothingFromBefore() async throws {
    let records = (0..<2_500).map { number in
      Self.object("k\(10_000 + number)", modified: Self.old - .seconds(Int64(number)))
    }
    // The younger half was written while it was off.
    let heads = records.enumerated().map { number, record in
      (
        record.name,
        ObjectHead(
          exists: true, size: 1, modified: record.modified,
          status: number < 1_000 ? nil : .completed)
      )
    }
    let tally = try await compareWithStatuses(records, Dictionary(uniqueKeysWithValues: heads))
    #expect(tally[.missing] == 1_500)
    #expect(tally[.neverEligible] == 1_000)
  }

  private func compareWithStatuses(
    _ records: [ObjectRecord], _ heads: [String: ObjectHead]
  ) async throws -> ComparisonTally {
    let same = Self.object("a", modified: Self.old + .seconds(60))
    let shown = ObjectHead(exists: true, size: 1, modified: same.modified, status: .completed)
    return try await BucketComparison(
      source: StoredBucket("source", [same] + records, pageSize: 100),
      replica: StoredBucket("replica", [same]), judge: judge(rules: [rule()]),
      examiner: TableExaminer(sources: heads.merging(["a": shown]) { $1 }), options: .init(),
      time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
  }

  // Pictures of different times

  /// What only the replica has, or has changed, may be younger than the source's picture.
  @Test func whatChangedAfterTheSourceWasListedIsInFlight() {
    let after = Self.listedAt + .seconds(3_600)
    let kind = { (source: ObjectRecord?, replica: ObjectRecord) in
      self.judge().judge(Difference(source: source, replica: replica))?.kind
    }
    #expect(kind(nil, Self.object(modified: after)) == .inFlight)
    #expect(kind(nil, Self.object()) == .extra)
    #expect(kind(Self.object(size: 2), Self.object(modified: after)) == .inFlight)
    #expect(kind(Self.object(size: 2), Self.object()) == .different)
  }

  /// The replica's picture may be the older one.
  @Test func whatTheReplicaHasByNowIsNoFinding() async throws {
    let records = ["come", "gone", "late", "other"].map { Self.object($0) }
    let head = ObjectHead(exists: true, size: 1, etag: "e", modified: Self.old)
    let tally = try await BucketComparison(
      source: StoredBucket("source", Array(records.filter { $0.name != "gone" })),
      replica: StoredBucket("replica", [records[1]]), judge: judge(),
      examiner: TableExaminer(
        sources: ["come": head, "late": head, "other": head],
        replicas: [
          "come": head,
          "other": ObjectHead(exists: true, size: 2, etag: "f", modified: Self.older),
        ]), options: .init(), time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
    #expect(tally.same == 2)
    #expect(tally.differences == ["missing": 1, "stale": 1])
  }
}
