import Foundation
import HTTPClient
import Platform
import Synchronization
import Testing

@testable import BucketComparison

/// How ranges are shared out among workers that are bound to threads.
@Suite(.timeLimit(.minutes(5))) struct BoardTests {
  private func id(_ turn: RangeBoard.Turn) -> Int? {
    if case .work(let id, _) = turn { id } else { nil }
  }

  private func victim(_ turn: RangeBoard.Turn) -> Int? {
    if case .split(let id, _) = turn { id } else { nil }
  }

  private static func object(_ key: String) -> ObjectRecord {
    ObjectRecord(
      key: Array(key.utf8), etag: "e", size: 1, modified: Timestamp(nanoseconds: 0))
  }

  private func compare(
    _ source: any ListingSource, _ replica: any ListingSource, parallel: Int, time: TestTime
  ) async throws -> ComparisonTally {
    try await BucketComparison(
      source: source, replica: replica,
      judge: Judge(
        rules: nil, maximumLag: .seconds(900), replicatedSince: nil, etagsAreComparable: true,
        listedAt: Timestamp(nanoseconds: 1 << 60)),
      examiner: nil, options: .init(parallel: parallel), time: time
    ).run(from: ComparisonProgress(), findings: nil) { _ in }.tally
  }

  @Test func aThreadThatHasMoreToDoLeavesTheTurnToAnother() async throws {
    let board = RangeBoard((0..<6).map { KeyRange(prefix: [$0]) }, threads: 3)
    #expect(id(await board.turn(on: 1)) == 1)
    let second = Task { await board.turn(on: 1) }
    try await Task.sleep(for: .milliseconds(20))
    #expect(id(await board.turn(on: 0)) == 2)
    #expect(id(await board.turn(on: 2)) == 3)
    // Nobody else has to do anything for it to have its turn now.
    #expect(id(await second.value) == 4)
    board.finish(2)
    #expect(id(await board.turn(on: 0)) == 5)
  }

  /// It would not be faster with more connections, but with more threads.
  @Test func aThreadWithoutWorkSharesARangeThatWaitsForNothing() async throws {
    let board = RangeBoard([KeyRange()], threads: 2)
    let first = try #require(id(await board.turn(on: 0)))
    let other = Task { await board.turn(on: 1) }
    _ = board.look(first, upTo: [0x61], waited: 0, pages: RangeBoard.pagesBeforeSplit - 1)
    _ = board.look(first, upTo: [0x62], waited: 0, pages: 1)
    #expect(victim(await other.value) == first)
    board.split(first, at: [0x6D])
    let second = try #require(id(await board.turn(on: 1)))
    #expect(board.look(first, upTo: [0x63], waited: 0, pages: 100).upTo == [0x6D])
    // Both threads have work: now nobody shares anything.
    let idle = Task { await board.turn(on: 0) }
    _ = board.look(first, upTo: [0x64], waited: 0, pages: 100)
    try await Task.sleep(for: .milliseconds(20))
    board.finish(first)
    _ = board.look(second, upTo: [0x6E], waited: 0, pages: 1)
    board.finish(second)
    if case .end = await idle.value {} else { Issue.record("shared without need") }
  }

  /// However much the other has.
  @Test func aThreadIsIdleThatHasNothingNotOneOfFewRanges() async throws {
    let board = RangeBoard((0..<4).map { KeyRange(prefix: [0x61 + $0]) }, threads: 2)
    var taken: [[Int]] = [[], []]
    for number in 0..<4 {
      taken[number % 2].append(try #require(id(await board.turn(on: number % 2))))
    }
    for id in taken[1] { board.finish(id) }
    _ = board.look(taken[0][0], upTo: [0x61, 0x61], waited: 0, pages: 100)
    #expect(victim(await board.turn(on: 1)) == taken[0][0])
  }

  @Test func oneThreadSharesOnlyWhatIsWaitedFor() async throws {
    let board = RangeBoard([KeyRange()])
    let first = try #require(id(await board.turn(on: 0)))
    let other = Task { await board.turn(on: 0) }
    _ = board.look(first, upTo: [0x61], waited: 0, pages: 100)
    try await Task.sleep(for: .milliseconds(20))
    let waited = RangeBoard.waitWorthSplitting.wholeNanoseconds * 200
    _ = board.look(first, upTo: [0x62], waited: waited, pages: 1)
    let turn = await other.value
    #expect(victim(turn) == first)
    if case .split(_, let active) = turn { #expect(active.pages == 101) }
  }

  /// A bucket whose pages, but the first, come in whole only once three are under way: it is as far away as that.
  private final class FarBucket: ListingSource {
    private struct State {
      var pages = 0
      var way = 0
      var most = 0
      /// How often it still waits for a third page, a tenth of a second each time.
      var patience = 600
    }

    let name = "far"
    private let base: StoredBucket
    private let isFar: Bool
    private let state = Mutex(State())

    init(_ base: StoredBucket, isFar: Bool) {
      self.base = base
      self.isFar = isFar
    }

    /// How many pages were under way at the same time.
    var most: Int { state.withLock { $0.most } }

    func page(
      _ query: ListingQuery, at position: PagePosition,
      foundNext: @escaping @Sendable (PagePosition) -> Void
    ) async throws -> ListingPage {
      let number = state.withLock { state in
        state.pages += 1
        state.way += 1
        state.most = max(state.most, state.way)
        return state.pages
      }
      defer { state.withLock { $0.way -= 1 } }
      let page = try await base.page(query, at: position, foundNext: foundNext)
      while isFar, number > RangeBoard.pagesBeforeSplit, mustWait() {
        try await Task.sleep(for: .milliseconds(100))
      }
      return page
    }

    private func mustWait() -> Bool {
      state.withLock { state in
        state.patience -= 1
        return state.most < 3 && state.patience > 0
      }
    }
  }

  @Test(arguments: [false, true]) func morePagesAreFetchedAheadWhenTheyAreWaitedFor(isFar: Bool)
    async throws
  {
    let objects = (1_000..<1_300).map { Self.object("number-\($0)") }
    let source = FarBucket(StoredBucket("source", objects), isFar: isFar)
    let replica = FarBucket(StoredBucket("replica", objects), isFar: isFar)
    let tally = try await compare(
      source, replica, parallel: 1, time: TestTime(step: isFar ? .milliseconds(20) : .zero))
    #expect(tally.same == 300)
    #expect(source.most <= (isFar ? 4 : 2))
    #expect((source.most > 2) == isFar)
  }

  /// A bucket whose pages are best read on certain threads; it notes which threads asked.
  private final class ThreadedBucket: ListingSource {
    let name: String
    let executors: [any TaskExecutor]
    let threads = Mutex(Set<UInt>())
    private let base: StoredBucket

    init(_ base: StoredBucket, on executors: [any TaskExecutor]) {
      name = base.name
      self.base = base
      self.executors = executors
    }

    func page(
      _ query: ListingQuery, at position: PagePosition,
      foundNext: @escaping @Sendable (PagePosition) -> Void
    ) async throws -> ListingPage {
      note()
      return try await base.page(query, at: position, foundNext: foundNext)
    }

    private func note() { threads.withLock { _ = $0.insert(UInt(pthread_self())) } }
  }

  @Test(arguments: [1, 2, 5]) func everyThreadComparesAPartAndEachKeyOnce(threads: Int) async throws
  {
    let client = HTTPClient(threads: threads)
    let objects = (0..<8_000).map { Self.object("stem/number-\($0)") }
    let base = StoredBucket("source", objects, pageSize: 20)
    let source = ThreadedBucket(base, on: client.executors)
    let replica = ThreadedBucket(
      StoredBucket("replica", objects.filter { $0.key.last != 0x37 }, pageSize: 20),
      on: client.executors)
    let tally = try await compare(source, replica, parallel: 8, time: TestTime())
    #expect(tally.sourceObjects == 8_000)
    #expect(tally.same == 7_200)
    #expect(tally[.missing] == 800)
    // Nothing is waited for: only threads without work are a reason to share.
    #expect((base.probes > 0) == (threads > 1))
    let asked = source.threads.withLock { $0 }
    #expect(threads == 1 ? asked.count == 1 : asked.count > 1)
    #expect(replica.threads.withLock { $0 }.isSubset(of: asked))
  }
}
