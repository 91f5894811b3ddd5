import AWSClient
import Compression
import Platform
import Synchronization
import Testing

@testable import BucketComparison

@Suite struct RangeTests {
  private func key(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func intervalsMergeAndLeaveGaps() {
    var set = KeyIntervals()
    #expect(set.gaps == [.init(after: nil, upTo: nil)])
    set.add(.init(after: key("d"), upTo: key("f")))
    set.add(.init(after: nil, upTo: key("b")))
    #expect(
      set.gaps == [
        .init(after: key("b"), upTo: key("d")), .init(after: key("f"), upTo: nil),
      ])
    set.add(.init(after: key("b"), upTo: key("d")))
    #expect(set.intervals == [.init(after: nil, upTo: key("f"))])
    set.add(.init(after: key("f"), upTo: nil))
    #expect(set.gaps.isEmpty)
    var last = KeyIntervals()
    last.add(.init(after: key("x"), upTo: nil))
    #expect(last.gaps == [.init(after: nil, upTo: key("x"))])
  }

  @Test(arguments: [
    (["media/2026/0001/a", "media/2026/0001/b", "media/2026/0900/z"], "media/2026/0001/a"),
    (["a", "b", "c"], "a"), (["é1", "é2", "ü"], "é1"), (["x/1", "x/😀"], "x/1"),
  ])
  func aDivisionLiesBehindWhatWasSeenAndBeforeTheEnd(keys: [String], seen: String) async throws {
    let all = keys.map { Array($0.utf8) }
    let probes = Mutex(0)
    let splitter = RangeSplitter { after in
      probes.withLock { $0 += 1 }
      #expect(String(validating: after, as: UTF8.self) != nil)
      return all.first { KeyOrder.isLess(after, $0) }
    }
    let found = try #require(
      try await splitter.division(of: KeyRange(), behind: Array(seen.utf8)))
    #expect(KeyOrder.isLess(Array(seen.utf8), found))
    #expect(all.contains { KeyOrder.isLess(found, $0) })
    #expect(probes.withLock { $0 } <= RangeSplitter.maximumProbes)
  }

  @Test func nothingLeftIsNotDivided() async throws {
    let splitter = RangeSplitter { _ in nil }
    #expect(try await splitter.division(of: KeyRange(), behind: key("abc")) == nil)
  }

  @Test func rulesCountByPriorityAndTags() {
    var wide = ReplicationRule()
    wide.id = "wide"
    wide.priority = 1
    wide.destination = "d"
    var narrow = wide
    narrow.id = "narrow"
    narrow.priority = 5
    narrow.prefix = "a/"
    narrow.replicatesDeleteMarkers = true
    var tagged = wide
    tagged.id = "tagged"
    tagged.priority = 9
    tagged.prefix = "a/t"
    tagged.tags = ["k": "v"]
    var off = wide
    off.priority = 10
    off.isEnabled = false
    var other = wide
    other.destination = "elsewhere"
    other.priority = 11
    let rules = ReplicationRules([wide, narrow, tagged, off, other], to: "d")
    #expect(rules.rules.map(\.id) == ["tagged", "narrow", "wide"])
    #expect(rules.coverage(of: key("a/1")) == .covered(narrow))
    #expect(rules.coverage(of: key("a/t1")) == .dependsOnTags(tagged))
    #expect(rules.coverage(of: key("b")) == .covered(wide))
    #expect(ReplicationRules([narrow], to: "d").coverage(of: key("b")) == .uncovered)
    #expect(ReplicationRules([narrow], to: "d").uncovered(among: ["", "a/x"]) == [""])
  }

  @Test func aBusyBucketIsLetRest() async throws {
    let time = TestTime()
    let throttle = ServiceThrottle(time: time, random: SeededRandom(seed: 1))
    try await throttle.pass()
    #expect(time.now().sinceBoot == 0)
    var last: Int64 = 0
    for _ in 0..<4 {
      throttle.failed(isSlowDown: true)
      throttle.failed(isSlowDown: true)
      let before = time.now().sinceBoot
      try await throttle.pass()
      let rest = time.now().sinceBoot - before
      #expect(rest > last / 2)
      last = rest
    }
    #expect(last > ServiceThrottle.firstRest.wholeNanoseconds)
    for _ in 0..<10 { throttle.succeeded() }
    let before = time.now().sinceBoot
    try await throttle.pass()
    #expect(time.now().sinceBoot == before)
  }

  @Test func compressedFramesAreReadOneAfterAnother() throws {
    let parts = [Array("one\n".utf8), [UInt8](repeating: 7, count: 1 << 20), Array("two\n".utf8)]
    let file = try parts.flatMap { try ZstdFrame.compress($0) }
    let reader = try ZstdReader()
    var read: [UInt8] = []
    for start in stride(from: 0, to: file.count, by: 100) {
      try reader.read(Array(file[start..<min(start + 100, file.count)])) { read += $0 }
    }
    try reader.finish()
    #expect(read == parts.flatMap { $0 })
    let cut = try ZstdReader()
    try cut.read(Array(file.dropLast())) { _ in }
    #expect(throws: Problem.self) { try cut.finish() }
  }
}
