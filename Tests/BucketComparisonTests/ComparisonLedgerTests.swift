import Platform
import Synchronization
import Testing

@testable import BucketComparison

@Suite struct ComparisonLedgerTests {
  /// A disk that is full now and then.
  private final class Disk: Sendable {
    struct Full: Error {}

    private let state = Mutex<(isFull: Bool, frames: Int)>((false, 0))

    var isFull: Bool {
      get { state.withLock { $0.isFull } }
      set { state.withLock { $0.isFull = newValue } }
    }
    var frames: Int { state.withLock { $0.frames } }

    func append(_ bytes: [UInt8]) throws {
      try state.withLock { state in
        if state.isFull { throw Full() }
        state.frames += 1
      }
    }
  }

  /// What could not be written is not marked as done, nor anything after it, though the disk has room again.
  @Test func whatCouldNotBeWrittenIsNeverMarked() async throws {
    let disk = Disk()
    let marks = Mutex([ComparisonProgress]())
    let time = TestTime()
    let ledger = ComparisonLedger(
      ComparisonProgress(), append: { try disk.append($0) }, time: time
    ) { progress in marks.withLock { $0.append(progress) } }
    let note = { (from: String?, to: String) in
      try await time.sleep(for: ComparisonLedger.markEvery)
      try await ledger.note(
        .init(after: from.map { Array($0.utf8) }, upTo: Array(to.utf8)), of: [],
        ComparisonTally(), ["{}"])
    }
    try await note(nil, "a")
    disk.isFull = true
    await #expect(throws: Disk.Full.self) { try await note("a", "b") }
    disk.isFull = false
    await #expect(throws: Disk.Full.self) { try await note("b", "c") }
    await #expect(throws: Disk.Full.self) { try await ledger.save() }
    let last = try #require(marks.withLock { $0.last })
    #expect(marks.withLock { $0.count } == 1)
    #expect(last.intervals(of: []).intervals == [.init(after: nil, upTo: Array("a".utf8))])
    #expect(disk.frames == 1)
  }
}
