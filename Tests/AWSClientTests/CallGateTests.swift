import Platform
import Synchronization
import Testing

@testable import AWSClient

/// A clock that stands still but for what is slept.
private final class SteppedTime: TimeSource {
  private let nanoseconds = Mutex<Int64>(0)
  func now() -> ClockReading {
    let now = nanoseconds.withLock { $0 }
    return ClockReading(wall: Timestamp(nanoseconds: now), sinceBoot: now)
  }
  func sleep(for duration: Duration) async throws {
    nanoseconds.withLock { $0 += duration.wholeNanoseconds }
  }
}

/// How many calls were under way at once, and how many there were.
private final class Counts: Sendable {
  private let counts = Mutex((now: 0, most: 0, done: 0))
  var most: Int { counts.withLock { $0.most } }
  var done: Int { counts.withLock { $0.done } }
  func begin() {
    counts.withLock { counts in
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }
  func end() {
    counts.withLock { counts in
      counts.now -= 1
      counts.done += 1
    }
  }
}

@Suite struct CallGateTests {
  @Test func aFleetOfCallsIsHeldToTheWidthAndEachHasItsTurn() async throws {
    let gate = CallGate(time: SystemTime())
    let counts = Counts()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<500 {
        group.addTask {
          try await gate.pass {
            counts.begin()
            await Task.yield()
            counts.end()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(counts.done == 500)
    #expect(counts.most <= CallGate.width)
  }

  @Test func whoeverStopsWaitingLeavesNoGap() async throws {
    let gate = CallGate(time: SystemTime())
    let (opened, open) = AsyncStream<Void>.makeStream()
    let holders = (0..<CallGate.width).map { _ in
      Task { try await gate.pass { for await _ in opened { return } } }
    }
    try await Task.sleep(for: .milliseconds(50))
    let impatient = Task { try await gate.pass {} }
    try await Task.sleep(for: .milliseconds(50))
    impatient.cancel()
    await #expect(throws: CancellationError.self) { try await impatient.value }
    open.finish()
    for holder in holders { try await holder.value }
    try await gate.pass {}
  }

  @Test func refusalsMakePausesAndSuccessesShortenThem() async throws {
    let time = SteppedTime()
    let gate = CallGate(time: time)
    for _ in 0..<10 { gate.note(wasThrottled: true) }
    #expect(gate.pause == .seconds(5))
    try await gate.pass {}
    try await gate.pass {}
    #expect(time.now().sinceBoot == 5_000_000_000)
    for _ in 0..<100 { gate.note(wasThrottled: false) }
    #expect(gate.pause == .zero)
  }
}
