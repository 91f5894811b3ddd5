import AWSClient
import Platform
import Testing

@testable import BucketComparison

/// Objects that the source's lifecycle has deleted: S3 never replicates the markers that it adds.
@Suite struct ExpirationTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)

  private static func daysAgo(_ days: Int64) -> Timestamp { listedAt - .seconds(days * 86_400) }

  private static func row(
    _ key: String, madeDaysAgo days: Int64, size: Int64 = 1, version: String = "",
    isMarker: Bool = false, isLatest: Bool = true
  ) -> ObjectRecord {
    ObjectRecord(
      key: Array(key.utf8), etag: isMarker ? "" : "e", size: isMarker ? 0 : size,
      modified: daysAgo(days), version: version, isDeleteMarker: isMarker, isLatest: isLatest)
  }

  private static func rule(
    _ expiration: LifecycleRule.Expiration? = .days(30), isEnabled: Bool = true,
    _ change: (inout LifecycleRule.Filter) -> Void = { _ in }
  ) -> LifecycleRule {
    var rule = LifecycleRule()
    rule.id = "exp"
    rule.isEnabled = isEnabled
    rule.expiration = expiration
    rule.filter.prefix = "tmp/"
    change(&rule.filter)
    return rule
  }

  private func compare(
    _ source: [ObjectRecord], _ replica: [ObjectRecord], _ rules: [LifecycleRule],
    includesVersions: Bool
  ) async throws -> ComparisonTally {
    var replication = ReplicationRule()
    replication.destination = "replica"
    replication.replicatesDeleteMarkers = true
    return try await BucketComparison(
      source: StoredBucket("source", source), replica: StoredBucket("replica", replica),
      judge: Judge(
        rules: ReplicationRules([replication], to: "replica"), maximumLag: .seconds(900),
        replicatedSince: nil, etagsAreComparable: true, listedAt: Self.listedAt,
        expirations: ExpirationRules(rules)),
      examiner: nil, options: .init(includesVersions: includesVersions), time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
  }

  /// What a replica is held for that still has an object, when the source has it no more.
  private func extra(_ object: ObjectRecord, _ rules: [LifecycleRule]) async throws -> [String: Int]
  {
    try await compare([], [object], rules, includesVersions: false).differences
  }

  @Test func whatTheReplicaStillHasIsNoFinding() async throws {
    let old = Self.row("tmp/1", madeDaysAgo: 40)
    let tally = try await compare([], [old], [Self.rule()], includesVersions: false)
    #expect(tally.neverEligible == ["expired by lifecycle rule 'exp'": 1])
    #expect(tally.findings == 0)
    #expect(try await extra(old, [Self.rule(.date(Self.daysAgo(2)))]) == ["never_eligible": 1])
    #expect(try await extra(old, [Self.rule { $0.tags = ["a": "b"] }]) == ["never_eligible": 1])
  }

  @Test func whatNoRuleCanHaveDeletedStaysOne() async throws {
    let old = Self.row("tmp/1", madeDaysAgo: 40)
    let extra: [String: Int] = ["extra": 1]
    #expect(try await self.extra(old, []) == extra)
    #expect(try await self.extra(old, [Self.rule(.days(41))]) == extra)
    #expect(try await self.extra(old, [Self.rule(.date(Self.daysAgo(-1)))]) == extra)
    #expect(try await self.extra(old, [Self.rule(isEnabled: false)]) == extra)
    #expect(try await self.extra(old, [Self.rule(nil)]) == extra)
    #expect(try await self.extra(old, [Self.rule { $0.prefix = "tmp2/" }]) == extra)
    // Neither bound includes its own number.
    #expect(try await self.extra(old, [Self.rule { $0.largerThan = 1 }]) == extra)
    #expect(try await self.extra(old, [Self.rule { $0.smallerThan = 1 }]) == extra)
    #expect(try await self.extra(Self.row("tmp/1", madeDaysAgo: 29), [Self.rule()]) == extra)
  }

  /// What a marker of the source is held for, ten days old, which the replica does not have.
  private func marker(
    over source: [ObjectRecord], _ replica: [ObjectRecord], _ rules: [LifecycleRule] = [rule()]
  ) async throws -> [String: Int] {
    let marker = Self.row("tmp/1", madeDaysAgo: 10, version: "m", isMarker: true)
    return try await compare([marker] + source, replica, rules, includesVersions: true).differences
  }

  @Test func markersOfALifecycleAreNotMissing() async throws {
    let version = { (days: Int64, name: String) in
      Self.row("tmp/1", madeDaysAgo: days, version: name, isLatest: false)
    }
    let expired = [version(40, "v2"), version(90, "v1")]
    #expect(try await marker(over: expired, expired) == ["never_eligible": 1])
    // The rule counts from the version that the marker hides.
    let young = [version(39, "v2"), version(90, "v1")]
    #expect(try await marker(over: young, young) == ["missing": 1])
    #expect(try await marker(over: expired, expired, []) == ["missing": 1])
    // The source has removed it for good, the replica tells of it.
    let left = try await marker(over: [], expired)
    #expect(left["never_eligible"] == 1 && left["missing"] == nil)
    #expect(try await marker(over: [], young)["missing"] == 1)
    #expect(try await marker(over: [], []) == ["never_eligible": 1])
  }

  /// No rule deletes what is deleted.
  @Test func aMarkerOverAMarkerIsAPersons() async throws {
    let below = [
      Self.row("tmp/1", madeDaysAgo: 50, version: "m1", isMarker: true, isLatest: false),
      Self.row("tmp/1", madeDaysAgo: 90, version: "v1", isLatest: false),
    ]
    #expect(try await marker(over: below, below) == ["missing": 1])
  }
}
