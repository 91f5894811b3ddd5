public import Platform

/// Compares two buckets key by key, in parallel and in constant memory.
///
/// Both are listed in the order of their keys and merge-joined, a page of each at a time. What differs
/// is judged by the replication rules, looked up where a listing cannot tell, and written to a list.
public struct BucketComparison: Sendable {
  /// What a comparison is asked for.
  public struct Options: Sendable {
    /// The prefixes that are compared; empty for the whole bucket.
    public var prefixes: [String]
    /// Whether versions and delete markers are compared as well.
    public var includesVersions: Bool
    /// How many ranges are compared at the same time.
    public var parallel: Int

    /// Creates options.
    public init(prefixes: [String] = [], includesVersions: Bool = false, parallel: Int = 8) {
      self.prefixes = prefixes
      self.includesVersions = includesVersions
      self.parallel = parallel
    }

    /// The prefixes, none within another.
    var separatePrefixes: [[UInt8]] {
      let all = prefixes.map { Array($0.utf8) }
      let separate = all.filter { prefix in
        !all.contains { $0 != prefix && prefix.starts(with: $0) }
      }
      return separate.isEmpty ? [[]] : Array(Set(separate)).sorted(by: KeyOrder.isLess)
    }
  }

  private let source: any ListingSource
  private let replica: any ListingSource
  private let settlement: Settlement
  private let options: Options
  private let time: any TimeSource

  /// Creates a comparison; nothing is called yet.
  ///
  /// - Parameter examiner: looks up what a listing leaves in doubt; without one it stays in doubt.
  public init(
    source: any ListingSource, replica: any ListingSource, judge: Judge,
    examiner: (any ObjectExaminer)?, options: Options, time: any TimeSource
  ) {
    self.init(
      source: source, replica: replica,
      settlement: Settlement(judge: judge, examiner: examiner), options: options, time: time)
  }

  init(
    source: any ListingSource, replica: any ListingSource, settlement: Settlement,
    options: Options, time: any TimeSource
  ) {
    self.source = source
    self.replica = replica
    self.settlement = settlement
    self.options = options
    self.time = time
  }

  /// Compares what has not been compared yet.
  ///
  /// - Parameters:
  ///   - start: how far an earlier try came.
  ///   - path: where the list of findings is written, in zstd frames of JSON lines; nil for nowhere.
  ///   - mark: told from time to time how far it has come, and at the end.
  /// - Throws: an `ExplainedError` when a listing fails; what was done until then is marked.
  public func run(
    from start: ComparisonProgress, findings path: String?,
    mark: @escaping @Sendable (ComparisonProgress) async throws -> Void
  ) async throws -> ComparisonProgress {
    let file = try path.map {
      try AppendedFile($0, keeping: start.findingsLength, mode: 0o600)
    }
    settlement.goOn(from: start.tally)
    let ledger = ComparisonLedger(
      start, append: file.map(Self.appending), time: time, mark: mark)
    let threads = source.executors.prefix(options.parallel)
    let board = RangeBoard(start.rest(of: options.separatePrefixes), threads: threads.count)
    let comparer = RangeComparer(
      source: source, replica: replica, includesVersions: options.includesVersions,
      settlement: settlement, ledger: ledger, board: board, time: time)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<options.parallel {
          let thread = threads.isEmpty ? 0 : index % threads.count
          let executor = threads.isEmpty ? nil : threads[thread]
          group.addTask(executorPreference: executor) {
            try await work(board, comparer, thread, executor)
          }
        }
        do {
          // Not waitForAll: it waits for workers that nobody has sent home yet.
          for try await _ in group {}
        } catch {
          board.stop()
          group.cancelAll()
          throw error
        }
      }
    } catch {
      try await ledger.save()
      throw error
    }
    try await ledger.save()
    return await ledger.progress
  }

  private static func appending(
    _ file: AppendedFile
  ) -> @Sendable (_ bytes: [UInt8]) async throws -> Void {
    { try await file.append($0) }
  }

  private func work(
    _ board: RangeBoard, _ comparer: RangeComparer, _ thread: Int,
    _ executor: (any TaskExecutor)?
  ) async throws {
    while true {
      try Task.checkCancellation()
      switch await board.turn(on: thread) {
      case .end: return
      case .work(let id, let range): try await comparer.compare(range, as: id, on: executor)
      case .split(let id, let active):
        // A range that cannot be divided is no failure.
        let key = try? await divide(active)
        board.split(id, at: key)
      }
    }
  }

  private func divide(_ active: RangeBoard.Active) async throws -> [UInt8]? {
    guard let seen = active.seen else { return nil }
    var query = ListingQuery(
      prefix: active.range.prefix, includesVersions: options.includesVersions)
    query.limit = 1
    let splitter = RangeSplitter { [source, query] key in
      let page = try await source.page(query, at: .after(key), foundNext: { _ in })
      guard let found = page.entries.isEmpty ? nil : page.key(at: 0) else { return nil }
      let isBeyond = active.range.upTo.map { KeyOrder.isLess($0, found) } ?? false
      return isBeyond ? nil : found
    }
    return try await splitter.division(of: active.range, behind: seen)
  }
}
