import Platform
import Testing

@testable import BucketComparison

/// Replicas in which somebody has deleted or overwritten what was replicated.
@Suite struct HiddenVersionTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)
  private static let old = listedAt - .seconds(86_400)

  private static func row(
    _ version: String, size: Int64 = 1, modified: Timestamp = old, isMarker: Bool = false,
    isLatest: Bool = false
  ) -> ObjectRecord {
    ObjectRecord(
      key: Array("k".utf8), etag: isMarker ? "" : version, size: isMarker ? 0 : size,
      modified: modified, version: version, isDeleteMarker: isMarker, isLatest: isLatest)
  }

  private static let kept = [row("v2", isLatest: true), row("v1")]
  /// The same once something newer is on top.
  private static let covered = [row("v2"), row("v1")]

  /// Shows the versions of both sides that are named.
  private struct VersionExaminer: ObjectExaminer {
    let sources: Set<String>
    let replicas: Set<String>

    func source(_ key: [UInt8], version: String) async throws -> ObjectHead {
      head(version, sources)
    }

    func replica(_ key: [UInt8], version: String) async throws -> ObjectHead {
      head(version, replicas)
    }

    private func head(_ version: String, _ shown: Set<String>) -> ObjectHead {
      ObjectHead(
        exists: shown.contains(version),
        isDeleted: shown.contains(version) && version.hasPrefix("m"),
        size: 1, etag: version, modified: HiddenVersionTests.old)
    }
  }

  private func compare(
    _ source: [ObjectRecord], _ replica: [ObjectRecord], _ examiner: (any ObjectExaminer)?
  ) async throws -> ComparisonTally {
    try await BucketComparison(
      source: StoredBucket("source", source), replica: StoredBucket("replica", replica),
      judge: Judge(
        rules: nil, maximumLag: .seconds(900), replicatedSince: nil, etagsAreComparable: true,
        listedAt: Self.listedAt), examiner: examiner, options: .init(includesVersions: true),
      time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil, mark: { _ in }).tally
  }

  /// Each with a look at the objects and without one.
  private func examiners(source: Set<String>, replica: Set<String>) -> [(any ObjectExaminer)?] {
    [nil, VersionExaminer(sources: source, replicas: replica)]
  }

  @Test func anObjectThatWasDeletedAtTheReplicaIsMissing() async throws {
    let replica = [Self.row("m9", isMarker: true, isLatest: true)] + Self.covered
    for examiner in examiners(source: ["v1", "v2"], replica: ["v1", "v2", "m9"]) {
      let tally = try await compare(Self.kept, replica, examiner)
      #expect(tally.differences == ["missing": 1])
      #expect(tally.same == 1)
      #expect(tally.oldestAbsence == Self.old)
      // A person has to know which version to remove.
      #expect(tally.shown.first?.contains(#""version":"m9""#) == true)
      #expect(tally.shown.first?.contains(#""version":"v2""#) == true)
    }
  }

  @Test func anObjectThatWasOverwrittenAtTheReplicaIsDifferent() async throws {
    let replica = [Self.row("v9", size: 7, isLatest: true)] + Self.covered
    for examiner in examiners(source: ["v1", "v2"], replica: ["v1", "v2", "v9"]) {
      let tally = try await compare(Self.kept, replica, examiner)
      #expect(tally.differences == ["different": 1])
      #expect(tally.same == 1)
    }
  }

  @Test func contentOverADeletionIsDifferent() async throws {
    let source = [Self.row("m2", isMarker: true, isLatest: true), Self.row("v1")]
    let replica = [
      Self.row("v9", isLatest: true), Self.row("m2", isMarker: true), Self.row("v1"),
    ]
    for examiner in examiners(source: ["v1", "m2"], replica: ["v1", "m2", "v9"]) {
      #expect(try await compare(source, replica, examiner).differences == ["different": 1])
    }
  }

  /// Readers of both find nothing.
  @Test func twoDeletionsHideTheSame() async throws {
    let source = [Self.row("m2", isMarker: true, isLatest: true), Self.row("v1")]
    let replica =
      [Self.row("m9", isMarker: true, isLatest: true)]
      + source.map {
        Self.row($0.version, isMarker: $0.isDeleteMarker)
      }
    let examiner = VersionExaminer(sources: ["v1", "m2"], replicas: ["v1", "m2", "m9"])
    let tally = try await compare(source, replica, examiner)
    #expect(tally.findings == 0)
    #expect(tally.same == 2)
  }

  /// The source was listed first: what is on top may be its own by now, or be gone.
  @Test func whatTheSourceHasByNowIsNoFinding() async throws {
    for isMarker in [true, false] {
      let version = isMarker ? "m9" : "v9"
      for modified in [Self.old, Self.listedAt + .seconds(1)] {
        let replica =
          [Self.row(version, modified: modified, isMarker: isMarker, isLatest: true)] + Self.covered
        let both: Set = ["v1", "v2", version]
        let made = try await compare(
          Self.kept, replica, VersionExaminer(sources: both, replicas: both))
        #expect(made.differences == ["in_flight": 1])
        // The replica has what the source had: nothing is lost.
        #expect(made.oldestAbsence == nil)
        let gone = try await compare(
          Self.kept, replica,
          VersionExaminer(sources: ["v1", "v2"], replicas: ["v1", "v2"]))
        #expect(gone.same == 2)
        #expect(gone.differences == [:])
      }
    }
  }

  @Test func withoutALookWhatIsYoungIsInFlight() async throws {
    let young = Self.listedAt - .seconds(60)
    let replica = [Self.row("m9", modified: young, isMarker: true, isLatest: true)] + Self.covered
    let unseen = try await compare(Self.kept, replica, nil)
    #expect(unseen.differences == ["in_flight": 1])
    #expect(unseen.oldestAbsence == nil)
    // No change at the source ever becomes a version that it does not have.
    let examiner = VersionExaminer(sources: ["v1", "v2"], replicas: ["v1", "v2", "m9"])
    #expect(try await compare(Self.kept, replica, examiner).differences == ["missing": 1])
  }

  /// The current version of the source speaks for itself.
  @Test func whatIsNotReplicatedYetIsJudgedAlone() async throws {
    let replica = [Self.row("v9", isLatest: true), Self.row("v1")]
    let examiner = VersionExaminer(sources: ["v1", "v2"], replicas: ["v1", "v9"])
    let tally = try await compare(Self.kept, replica, examiner)
    #expect(tally.differences == ["missing": 1, "never_eligible": 1])
  }
}
