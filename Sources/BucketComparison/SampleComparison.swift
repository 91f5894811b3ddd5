public import Platform

/// Draws objects of a bucket by chance and looks each up on both sides.
///
/// The source is listed, so that every object is as likely as any other. When none of `n` objects is
/// amiss, at most 3/n of all are, with 95 % certainty (the rule of three); no more is said.
public struct SampleComparison: Sendable {
  /// What a sample showed.
  public struct Result: Sendable {
    /// How many objects were listed.
    public let listed: Int
    /// How many were drawn.
    public let drawn: Int
    /// What was found among them.
    public let differences: [JudgedDifference]
    /// How many were the same by a checksum of the whole content.
    public let sameByChecksum: Int

    /// The share of objects that may be amiss, in millionths, when none of the sample is.
    public var bound: Int? { drawn == 0 ? nil : min(1_000_000, 3_000_000 / drawn) }
  }

  private let source: any ListingSource
  private let examiner: any ObjectExaminer
  private let judge: Judge
  private let prefixes: [[UInt8]]
  private let count: Int
  private let random: any RandomSource

  /// Creates a comparison; nothing is called yet.
  public init(
    source: any ListingSource, examiner: any ObjectExaminer, judge: Judge, prefixes: [String],
    count: Int, random: any RandomSource
  ) {
    self.source = source
    self.examiner = examiner
    self.judge = judge
    self.prefixes = BucketComparison.Options(prefixes: prefixes).separatePrefixes
    self.count = count
    self.random = random
  }

  /// Draws and looks.
  ///
  /// - Throws: an `ExplainedError` when the listing or a look fails.
  public func run() async throws -> Result {
    let (drawn, listed) = try await draw()
    let rows = try await drawn.concurrentMap(width: Settlement.width) { [examiner] record in
      Looked(
        record: record, source: try await examiner.source(record.key, version: ""),
        replica: try await examiner.replica(record.key, version: ""))
    }
    let showsStatus = rows.contains { $0.source.status != nil }
    return Result(
      listed: listed, drawn: drawn.count,
      differences: rows.compactMap { judged($0, showsStatus: showsStatus) },
      sameByChecksum: rows.count {
        $0.source.checksum != nil && $0.source.checksum == $0.replica.checksum
      })
  }

  private struct Looked: Sendable {
    let record: ObjectRecord
    let source: ObjectHead
    let replica: ObjectHead
  }

  /// Reservoir sampling (Vitter, algorithm R): one pass, and memory for the sample alone.
  private func draw() async throws -> (drawn: [ObjectRecord], listed: Int) {
    var drawn: [ObjectRecord] = []
    var listed = 0
    for prefix in prefixes {
      var cursor = ListingCursor(
        source, ListingQuery(prefix: prefix), KeyRange(prefix: prefix))
      defer { cursor.cancel() }
      while true {
        try await cursor.fill()
        if cursor.isExhausted { break }
        for index in cursor.index..<cursor.page.entries.count {
          listed += 1
          if drawn.count < count {
            drawn.append(cursor.page.record(at: index))
          } else {
            let place = Int(random.next() % UInt64(listed))
            if place < count { drawn[place] = cursor.page.record(at: index) }
          }
        }
        cursor.index = cursor.page.entries.count
      }
    }
    return (drawn, listed)
  }

  private func judged(_ row: Looked, showsStatus: Bool) -> JudgedDifference? {
    guard row.source.exists else { return nil }
    let record = row.record.replacing(row.source)
    let other = row.replica.exists ? record.replacing(row.replica) : nil
    let isSame =
      other != nil && row.source.size == row.replica.size
      && (row.source.checksum == nil || row.replica.checksum == nil
        || row.source.checksum == row.replica.checksum)
    guard !isSame else { return nil }
    let difference = Difference(source: record, replica: other)
    let first =
      judge.judge(difference)
      ?? JudgedDifference(difference, .different, "the checksums of the content differ")
    guard first.kind.isFinding else { return first }
    return Examination(judge: judge, showsStatus: showsStatus)
      .refine(first, source: row.source, replica: row.replica)
  }
}

extension ObjectRecord {
  /// The record with what a look at the object said.
  fileprivate func replacing(_ head: ObjectHead) -> ObjectRecord {
    ObjectRecord(
      key: key, etag: etag, size: head.size, modified: head.modified ?? modified,
      version: version, storageClass: storageClass)
  }
}
