import Platform
import Testing

@testable import BucketComparison

/// Pages that are read beside the other bucket's.
@Suite struct TwinTests {
  private static let listedAt = Timestamp("2026-11-25T12:00:00Z") ?? Timestamp(nanoseconds: 0)

  private static func object(_ number: Int, _ random: SeededRandom) -> ObjectRecord {
    let name = ["k/\(1_000 + number)", "k/\(1_000 + number) a+b", "k/\(1_000 + number)/é"]
    return ObjectRecord(
      key: Array(name[random.next() % 8 == 0 ? Int(random.next() % 3) : 0].utf8),
      etag: String(random.next(), radix: 16), size: Int64(random.next() >> 30),
      modified: listedAt - .seconds(Int64(random.next() % 90_000)),
      storageClass: random.next() % 20 == 0 ? "GLACIER" : "STANDARD")
  }

  /// The same objects, some of them lost, changed or beside new ones.
  private static func replica(
    of objects: [ObjectRecord], changing share: UInt64, _ random: SeededRandom
  ) -> [ObjectRecord] {
    objects.flatMap { object -> [ObjectRecord] in
      guard share > 0, random.next() % share == 0 else { return [object] }
      let other = ObjectRecord(
        key: object.key, etag: "other", size: object.size, modified: object.modified,
        storageClass: object.storageClass)
      let extra = ObjectRecord(
        key: object.key + Array("-extra".utf8), etag: "x", size: 1, modified: object.modified)
      return [[], [other], [object, extra]][Int(random.next() % 3)]
    }
  }

  private static func page(_ objects: [ObjectRecord], name: String) throws -> [UInt8] {
    var page = ListingPage()
    for object in objects { page.append(object) }
    return XMLBucket.xml(page, name: name)
  }

  @Test func aPageIsReadBesideAnotherAsItIsAlone() throws {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    var same = 0
    for turn in 0..<300 {
      let objects = (0..<40).map { Self.object($0, random) }
      let share = [0, 2, 5, 20][turn % 4]
      let others = Self.replica(of: objects, changing: UInt64(share), random)
      let left = try ListingParser.read(try Self.page(objects, name: "source"))
      let bytes = try Self.page(others, name: turn % 3 == 0 ? "source" : "a-longer-name")
      let alone = try ListingParser.read(bytes)
      let index = turn % 5 == 0 ? Int(random.next() % 40) : 0
      let beside = try ListingParser.read(
        bytes, beside: TwinPage(page: left, index: index, number: 7))
      #expect(beside.records == alone.records, "seed \(seed)")
      #expect(beside.twin == 7)
      for run in beside.twins {
        #expect(run.count > 0)
        for row in 0..<run.count {
          #expect(beside.record(at: run.own + row) == left.record(at: run.other + row))
        }
        same += run.count
      }
      if share == 0, index == 0 {
        // A key with escapes is read by itself, and at most one row behind it.
        let escaped = objects.count { $0.key.contains { $0 == 0x20 || $0 > 0x7E } }
        #expect(
          beside.twins.reduce(0) { $0 + $1.count } >= objects.count - 2 * escaped, "seed \(seed)")
      }
    }
    #expect(same > 1_000, "seed \(seed)")
  }

  /// Behind a key that was decoded in its place stands the rest of what it was.
  @Test func aDecodedKeyIsNoTwin() throws {
    let row = XMLBucket.row(ObjectRecord(key: [], etag: "e", size: 1, modified: Self.listedAt))
    let page = { (key: String) in
      Array(
        ("<ListBucketResult><EncodingType>url</EncodingType>"
          + row.replacing("<Key></Key>", with: "<Key>\(key)</Key>") + "</ListBucketResult>").utf8)
    }
    let left = try ListingParser.read(page("a%2Bb"))
    #expect(left.names == ["a+b"])
    let place = left.entries[0].key.range
    let remains = String(
      decoding: left.bytes[place.lowerBound..<place.lowerBound + 5], as: UTF8.self)
    let right = try ListingParser.read(
      page(remains), beside: TwinPage(page: left, index: 0, number: 1))
    #expect(right.names == [remains.replacing("+", with: " ")])
    #expect(right.twins.isEmpty)
  }

  @Test func everyValueMovesWithItsRow() throws {
    let row =
      "<Contents><Key>k</Key><VersionId>v1</VersionId><LastModified>2026-11-24T03:00:00.000Z"
      + "</LastModified><ETag>\"e\"</ETag><StorageClass>GLACIER</StorageClass><Size>7</Size></Contents>"
    let page = { (name: String) in
      Array("<ListBucketResult><Name>\(name)</Name>\(row)</ListBucketResult>".utf8)
    }
    let left = try ListingParser.read(page("a"))
    let right = try ListingParser.read(
      page("another"), beside: TwinPage(page: left, index: 0, number: 1))
    #expect(right.twins == [TwinRun(other: 0, own: 0, count: 1)])
    #expect(right.records == left.records)
    #expect(right.records[0].version == "v1")
    #expect(right.records[0].storageClass == "GLACIER")
  }

  /// What a row differs in, to the last byte, is seen wherever it stands among rows that are the same.
  @Test func oneByteIsEnough() throws {
    let random = SeededRandom(seed: 5)
    let objects = (0..<100).map { Self.object($0, random) }
    let left = try ListingParser.read(try Self.page(objects, name: "n"))
    let whole = try Self.page(objects, name: "n")
    for index in stride(from: 120, to: whole.count - 20, by: 7) {
      guard (0x30...0x38).contains(whole[index]) else { continue }
      var bytes = whole
      bytes[index] += 1
      guard let alone = try? ListingParser.read(bytes) else { continue }
      let beside = try ListingParser.read(
        bytes, beside: TwinPage(page: left, index: 0, number: 1))
      #expect(beside.records == alone.records)
      #expect(beside.twins.reduce(0) { $0 + $1.count } < 100)
    }
  }

  /// Whole comparisons, with pages of the same and of other lengths, and pages that come cut short.
  @Test func aComparisonFindsTheSameByBytesAsByRows() async throws {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    for turn in 0..<60 {
      let objects = (0..<300).map { Self.object($0, random) }
      let others = Self.replica(of: objects, changing: [0, 3, 30, 200][turn % 4], random)
      let left = StoredBucket("source", objects, pageSize: 25)
      let right = StoredBucket("the-replica", others, pageSize: turn % 2 == 0 ? 25 : 17)
      let byRows = try await compare(left, right)
      let source = XMLBucket(left, cutShort: turn % 6 == 0 ? [25, 100] : [])
      let replica = XMLBucket(right, cutShort: turn % 10 == 0 ? [0, 50] : [])
      let byBytes = try await compare(source, replica)
      #expect(byBytes == byRows, "seed \(seed)")
      if turn % 6 == 0 { #expect(source.pagesReadAtOnce == 2) }
    }
  }

  private func compare(
    _ source: any ListingSource, _ replica: any ListingSource
  ) async throws -> ComparisonTally {
    try await BucketComparison(
      source: source, replica: replica,
      judge: Judge(
        rules: nil, maximumLag: .seconds(900), replicatedSince: nil, etagsAreComparable: true,
        listedAt: Self.listedAt),
      examiner: nil, options: .init(parallel: 1), time: TestTime()
    ).run(from: ComparisonProgress(), findings: nil) { _ in }.tally
  }

  @Test func aListingOutOfOrderIsSeenBesideAnother() async throws {
    let random = SeededRandom(seed: 3)
    let objects = (0..<60).map { Self.object($0, random) }
    let right = StoredBucket("replica", objects, pageSize: 20)
    right.misbehave(.repeatsPage(after: 20))
    await #expect(throws: Problem.self) {
      _ = try await compare(
        XMLBucket(StoredBucket("source", objects, pageSize: 20)), XMLBucket(right))
    }
  }
}
