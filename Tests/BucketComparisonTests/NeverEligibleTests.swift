import AWSClient
import Foundation
import Platform
import StrictJSON
import Synchronization
import Testing

@testable import BucketComparison

/// What the list of findings says of objects that were never to be replicated.
@Suite struct NeverEligibleTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)
  private static let old = listedAt - .seconds(86_400)

  /// Compares a bucket of so many objects, none of which a rule covers, with one of none.
  private func list(
    of count: Int, from start: ComparisonProgress = ComparisonProgress()
  ) async throws -> (reasons: [String], tally: ComparisonTally) {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let rows = (0..<count).map {
      ObjectRecord(
        key: Array("k\(10_000 + $0)".utf8), etag: "e", size: 1, modified: Self.old)
    }
    let judge = Judge(
      rules: ReplicationRules([], to: "replica"), maximumLag: .seconds(900), replicatedSince: nil,
      etagsAreComparable: true, listedAt: Self.listedAt)
    let tally = try await BucketComparison(
      source: StoredBucket("source", rows, pageSize: 100), replica: StoredBucket("replica", []),
      judge: judge, examiner: nil, options: .init(), time: TestTime()
    ).run(from: start, findings: path, mark: { _ in }).tally
    let reasons = Mutex([String]())
    try await FindingsList(path).forEach { lines in
      reasons.withLock {
        $0 += lines.filter { $0["kind"]?.stringValue == "never_eligible" }
          .compactMap { $0["reason"]?.stringValue }
      }
    }
    return (reasons.withLock { $0 }, tally)
  }

  @Test func theFirstOfThemHaveALineWithTheirReason() async throws {
    let few = try await list(of: 30)
    #expect(few.reasons == Array(repeating: "no rule covers it", count: 30))
    let many = try await list(of: 1_250)
    #expect(many.reasons.count == 1_000)
    #expect(many.tally.neverEligible == ["no rule covers it": 1_250])
    // None of them is shown as a finding.
    #expect(many.tally.shown.isEmpty)
  }

  /// The lines that were written before a crash count.
  @Test func aComparisonThatGoesOnDoesNotBeginAgain() async throws {
    var start = ComparisonProgress()
    start.tally.differences = ["never_eligible": 990]
    start.tally.neverEligible = ["archived": 990]
    #expect(try await list(of: 30, from: start).reasons.count == 10)
    start.tally.differences = ["never_eligible": 2_000]
    #expect(try await list(of: 30, from: start).reasons.isEmpty)
  }

  @Test func theMostFrequentReasonComesFirst() {
    var tally = ComparisonTally()
    tally.neverEligible = ["b": 2, "c": 7, "a": 2]
    #expect(tally.neverEligibleByReason.map(\.reason) == ["c", "a", "b"])
    #expect(tally.neverEligibleByReason.map(\.count) == [7, 2, 2])
  }
}
