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
    /// What was counted among them.
    public internal(set) var tally = ComparisonTally()
    /// How many of them S3 showed on both sides, as far as they are there.
    public internal(set) var looked = 0

    /// The share of objects that may be amiss, in millionths, when none of the sample is; of those that are to be
    /// replicated.
    public var bound: Int? {
      let meant = looked - tally[.neverEligible]
      return meant <= 0 ? nil : min(1_000_000, 3_000_000 / meant)
    }
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
    let examination = Examination(
      judge: judge, showsStatus: rows.contains { $0.source.status != nil })
    var result = Result(listed: listed, drawn: drawn.count)
    for row in rows where row.source.exists {
      result.count(row)
      guard row.refusal == nil else { continue }
      result.looked += 1
      try result.add(row.judged(by: examination))
    }
    return result
  }

  /// Reservoir sampling (Vitter, algorithm R): one pass, and memory for the sample alone.
  private func draw() async throws -> (drawn: [ObjectRecord], listed: Int) {
    var drawn: [ObjectRecord] = []
    var listed = 0
    for prefix in prefixes {
      var cursor = ListingCursor(
        source, ListingQuery(prefix: prefix), KeyRange(prefix: prefix), on: nil)
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
}

/// An object of a sample, as both sides show it.
private struct Looked: Sendable {
  let record: ObjectRecord
  let source: ObjectHead
  let replica: ObjectHead

  var refusal: String? { source.refusal ?? replica.refusal }

  /// What it is held for.
  func judged(by examination: Examination) -> Examination.Result {
    let difference = Difference(
      source: record.replacing(source),
      replica: replica.exists ? record.replacing(replica) : nil)
    let judge = examination.judge
    switch judge.likeness(of: source, and: replica) {
    case .same: return .same
    case .sameBySize: return .sameBySize
    case .other: break
    }
    let first =
      judge.judge(difference)
      ?? JudgedDifference(difference, .different, "the checksums of the content differ")
    guard first.kind != .neverEligible || judge.isExcusedByArchive(first) else {
      return .differs(first)
    }
    return examination.refine(first, source: source, replica: replica)
  }
}

extension SampleComparison.Result {
  fileprivate mutating func count(_ row: Looked) {
    tally.sourceObjects += 1
    tally.sourceBytes += row.source.size
    if row.replica.exists { tally.replicaObjects += 1 }
    if StorageClasses.archived.contains(row.replica.storageClass) {
      tally.archivedReplicas[row.replica.storageClass, default: 0] += 1
    }
    if let refusal = row.refusal {
      tally.unexamined += 1
      tally.refusals[refusal, default: 0] += 1
    }
  }

  fileprivate mutating func add(_ result: Examination.Result) throws {
    switch result {
    case .same: tally.same += 1
    case .sameBySize:
      tally.same += 1
      tally.sameBySize += 1
    case .differs(let judged), .unexamined(let judged, _):
      try tally.add(judged, line: judged.line)
    }
  }
}

extension ObjectRecord {
  /// The record with what a look at the object said.
  fileprivate func replacing(_ head: ObjectHead) -> ObjectRecord {
    ObjectRecord(
      key: key, etag: head.etag, size: head.size, modified: head.modified ?? modified,
      version: version, storageClass: head.storageClass)
  }
}
