import Platform
import RunJournal
import StrictJSON
import Testing

@testable import RunEngine

/// Clocks that were set, and machines that slept.
@Suite struct ClockWatchTests {
  private let beat: Duration = .seconds(10)

  private func reading(wall: Duration, sinceBoot: Duration) -> ClockReading {
    ClockReading(
      wall: Timestamp(unixSeconds: 1_000_000) + wall, sinceBoot: sinceBoot.wholeNanoseconds)
  }

  private func drafts(wall: Duration, sinceBoot: Duration) throws -> [EventDraft] {
    try ClockWatch.drafts(
      from: reading(wall: .zero, sinceBoot: .zero),
      to: reading(wall: wall, sinceBoot: sinceBoot), beat: beat)
  }

  @Test func clocksThatGoAlikeAreNoEvent() throws {
    #expect(try drafts(wall: .seconds(10), sinceBoot: .seconds(10)).isEmpty)
    #expect(try drafts(wall: .milliseconds(10_900), sinceBoot: .seconds(10)).isEmpty)
    #expect(try drafts(wall: .milliseconds(9_100), sinceBoot: .seconds(10)).isEmpty)
  }

  @Test(arguments: [(3_610, 3_600_000), (-3_590, -3_600_000), (12, 2_000)])
  func aWallClockThatWasSetIsAJump(wall: Int, jump: Int64) throws {
    let drafts = try drafts(wall: .seconds(wall), sinceBoot: .seconds(10))
    #expect(drafts.map(\.type) == [.clockJumped])
    #expect(drafts.first?.body["jump_ms"]?.integerValue == jump)
  }

  /// `CLOCK_BOOTTIME` goes on while the machine sleeps, as the wall clock does.
  @Test func aSuspendedLaptopIsNotedAndIsNoJump() throws {
    let drafts = try drafts(wall: .seconds(3_610), sinceBoot: .seconds(3_610))
    #expect(drafts.map(\.type) == [.finding])
    #expect(
      drafts.first?.body["text"]?.stringValue?.contains("suspended for about 1 h 00 m") == true)
  }

  @Test func aClockSetWhileTheMachineSleptIsBoth() throws {
    let drafts = try drafts(wall: .seconds(7_200), sinceBoot: .seconds(3_610))
    #expect(drafts.map(\.type) == [.clockJumped, .finding])
  }
}
