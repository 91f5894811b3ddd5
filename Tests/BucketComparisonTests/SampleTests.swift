import Platform
import Testing

@testable import BucketComparison

/// What objects drawn by chance prove.
@Suite struct SampleTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)
  private static let old = listedAt - .seconds(86_400)
  private static let keys = (0..<400).map { number in
    ObjectRecord(key: Array("k\(1_000 + number)".utf8), etag: "e", size: 1, modified: old)
  }

  /// 100 of 400 objects, which the examiner shows alike but for what is told otherwise.
  private func sample(
    _ source: ObjectHead, _ replica: ObjectHead, only: String? = nil,
    etagsAreComparable: Bool = true
  ) async throws -> SampleComparison.Result {
    let names = Self.keys.map(\.name)
    let some = names.filter { only.map($0.hasSuffix) ?? true }
    return try await SampleComparison(
      source: StoredBucket("source", Self.keys),
      examiner: TableExaminer(
        sources: Dictionary(uniqueKeysWithValues: names.map { ($0, source) }),
        replicas: Dictionary(uniqueKeysWithValues: some.map { ($0, replica) })),
      judge: Judge(
        rules: nil, maximumLag: .seconds(900), replicatedSince: nil,
        etagsAreComparable: etagsAreComparable, listedAt: Self.listedAt),
      prefixes: [], count: 100, random: SeededRandom(seed: 1)
    ).run()
  }

  private func head(
    etag: String, modified: Timestamp = old, encryption: String? = nil, checksum: String? = nil
  ) -> ObjectHead {
    ObjectHead(
      exists: true, size: 1, etag: etag, modified: modified, encryption: encryption,
      checksum: checksum)
  }

  @Test func aSampleSaysWhatItProves() async throws {
    let whole = try await sample(head(etag: "e"), head(etag: "e"))
    #expect(whole.listed == 400)
    #expect(whole.drawn == 100)
    #expect(whole.tally.findings == 0)
    #expect(whole.tally.same == 100)
    #expect(whole.tally.sameBySize == 0)
    #expect(whole.bound == 30_000)
    let part = try await sample(head(etag: "e"), head(etag: "e"), only: "1")
    #expect(part.tally[.missing] > 50)
  }

  /// Without a checksum the ETag tells, and where that tells nothing, the time.
  @Test func anOldObjectOfTheSameSizeIsSeen() async throws {
    let before = Self.old - .seconds(60)
    let stale = try await sample(head(etag: "new"), head(etag: "old", modified: before))
    #expect(stale.tally.differences == ["stale": 100])
    let other = try await sample(head(etag: "new"), head(etag: "old"))
    #expect(other.tally.differences == ["different": 100])
    let keyed = try await sample(
      head(etag: "new", encryption: "aws:kms"),
      head(etag: "old", modified: before, encryption: "aws:kms"), etagsAreComparable: false)
    #expect(keyed.tally.differences == ["stale": 100])
  }

  @Test func whatWasComparedBySizeAloneIsCounted() async throws {
    let parts = try await sample(head(etag: "a-2"), head(etag: "b-3"))
    #expect(parts.tally.same == 100)
    #expect(parts.tally.sameBySize == 100)
    // HEAD says that neither has a key, whatever their buckets do by default.
    let plain = try await sample(
      head(etag: "a", encryption: "AES256"), head(etag: "b", encryption: "AES256"),
      etagsAreComparable: false)
    #expect(plain.tally.differences == ["different": 100])
  }

  /// Sums of other algorithms say nothing of each other.
  @Test func checksumsAreComparedOnlyWithTheirLike() async throws {
    let same = try await sample(
      head(etag: "e", checksum: "sha256:a"), head(etag: "e", checksum: "crc32:b"))
    #expect(same.tally.same == 100)
    let other = try await sample(
      head(etag: "e", checksum: "crc32:a"), head(etag: "e", checksum: "crc32:b"))
    #expect(other.tally.differences == ["different": 100])
  }

  /// What nobody saw proves nothing.
  @Test func anObjectThatIsNotShownDoesNotCountForTheBound() async throws {
    let refused = try await sample(head(etag: "e"), .refused("AccessDenied"), only: "1")
    #expect(refused.looked < 100)
    #expect(refused.looked + (refused.tally.refusals["AccessDenied"] ?? 0) == 100)
    #expect(refused.tally[.missing] == refused.looked)
    let none = try await sample(head(etag: "e"), .refused("AccessDenied"))
    #expect(none.bound == nil)
    #expect(none.tally.unexamined == 100)
  }
}
