import Platform
import RunJournal
import StrictJSON

/// What two readings of the clocks tell beside the time.
enum ClockWatch {
  /// A larger difference between the clocks' progress is a jump.
  static let tolerance: Duration = .seconds(1)
  /// A process that misses its beat by more than this did not run meanwhile.
  static let longestLapse: Duration = .seconds(30)

  /// How far the wall clock was set forward or back between two readings of one boot.
  static func jump(from last: ClockReading, to now: ClockReading) -> Duration? {
    let jump = (now.wall - last.wall) - .nanoseconds(now.sinceBoot - last.sinceBoot)
    return jump > tolerance || jump < Duration.zero - tolerance ? jump : nil
  }

  static func draft(of jump: Duration) -> EventDraft {
    EventDraft(.clockJumped, body: ["jump_ms": .integer(jump.wholeMilliseconds)])
  }

  /// What to journal after a beat.
  static func drafts(
    from last: ClockReading, to now: ClockReading, beat: Duration
  ) throws -> [EventDraft] {
    var drafts = jump(from: last, to: now).map { [draft(of: $0)] } ?? []
    let lapse = Duration.nanoseconds(now.sinceBoot - last.sinceBoot) - beat
    if lapse > longestLapse {
      let finding = Finding(
        .note, "The machine or this process was suspended for about \(lapse.readable).")
      drafts.append(EventDraft(.finding, body: try JSONValue(encoding: finding)))
    }
    return drafts
  }
}
