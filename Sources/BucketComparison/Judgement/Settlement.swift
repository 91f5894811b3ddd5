import Platform
import StrictJSON
import Synchronization

/// Judges differences, and looks up the ones that a listing leaves in doubt.
final class Settlement: Sendable {
  /// How many differences are looked up one by one in a whole comparison; the rest is judged by the
  /// listings alone and counted.
  static let maximumExamined = 2_000
  /// How many are looked up at the same time.
  static let width = 16
  /// How many objects that are the same are asked whether the source shows statuses at all.
  static let maximumSamples = 5

  private struct State {
    var left = Settlement.maximumExamined
    var samples = Settlement.maximumSamples
    var showsStatus = false
    var sample: [UInt8]?
  }

  private let judge: Judge
  private let examiner: (any ObjectExaminer)?
  private let state = Mutex(State())

  init(judge: Judge, examiner: (any ObjectExaminer)?) {
    self.judge = judge
    self.examiner = examiner
  }

  /// Judges what a join has found; what turns out to be the same is counted so.
  func settle(
    _ rows: JoinedRows
  ) async throws -> (tally: ComparisonTally, lines: [String]) {
    if let sample = rows.sampleOfSame { state.withLock { $0.sample = sample } }
    var tally = rows.tally
    var lines: [String] = []
    var doubtful: [JudgedDifference] = []
    func note(_ judged: JudgedDifference?) throws {
      guard let judged else {
        tally.same += 1
        return
      }
      let line =
        judged.kind == .neverEligible
        ? "" : String(decoding: try judged.json.canonicalBytes(), as: UTF8.self)
      tally.add(judged, line: line)
      if !line.isEmpty { lines.append(line) }
    }
    for difference in rows.differences {
      guard let judged = judge.judge(difference) else {
        tally.same += 1
        tally.sameBySize += difference.source?.etag == difference.replica?.etag ? 0 : 1
        continue
      }
      if judged.kind.isFinding { doubtful.append(judged) } else { try note(judged) }
    }
    let looked = take(doubtful.count)
    tally.unexamined += doubtful.count - looked
    for judged in doubtful.dropFirst(looked) { try note(judged) }
    for judged in try await examine(Array(doubtful.prefix(looked))) { try note(judged) }
    return (tally, lines)
  }

  private func take(_ wanted: Int) -> Int {
    guard examiner != nil else { return 0 }
    return state.withLock { state in
      let taken = min(wanted, state.left)
      state.left -= taken
      return taken
    }
  }

  /// An object that both sides were asked about.
  private struct Looked: Sendable {
    let judged: JudgedDifference
    let source: ObjectHead
    let replica: ObjectHead
  }

  private func examine(_ doubtful: [JudgedDifference]) async throws -> [JudgedDifference?] {
    guard let examiner, !doubtful.isEmpty else { return [] }
    let looked = try await doubtful.concurrentMap(width: Self.width) { judged in
      let (key, version) = (judged.difference.key, judged.difference.version)
      let source = try await examiner.source(key, version: version)
      return Looked(
        judged: judged, source: source,
        replica: judged.difference.replica == nil || !source.exists
          ? ObjectHead(exists: false) : try await examiner.replica(key, version: version))
    }
    if looked.contains(where: { $0.source.status != nil }) {
      state.withLock { $0.showsStatus = true }
    }
    let examination = Examination(judge: judge, showsStatus: try await showsStatus(examiner))
    return looked.map { examination.refine($0.judged, source: $0.source, replica: $0.replica) }
  }

  private func showsStatus(_ examiner: any ObjectExaminer) async throws -> Bool {
    let (known, sample) = state.withLock { state in
      guard !state.showsStatus, state.samples > 0, let sample = state.sample else {
        return (state.showsStatus, [UInt8]?.none)
      }
      state.samples -= 1
      state.sample = nil
      return (false, sample)
    }
    guard let sample else { return known }
    let shows = try await examiner.source(sample, version: "").status != nil
    if shows { state.withLock { $0.showsStatus = true } }
    return shows
  }
}
