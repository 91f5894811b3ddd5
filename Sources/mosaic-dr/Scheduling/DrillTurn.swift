import Evidence
import Platform
import RecoveryPlan

/// What comes of a drill that a timer asks for. Pure: the same history at the same moment gives the same.
enum DrillTurn: Equatable {
  /// A drill begins.
  case begins
  /// One that died is gone on with first, so that it cleans up.
  case goesOn(run: String)
  /// None is due, or not at this hour.
  case notNow(String)
  /// One is due and must not begin; the ledger says so.
  case refused(String)

  /// A run of the plan that has not ended.
  struct OpenRun {
    /// The run.
    let id: String
    /// Whether it is a drill; else a restore.
    let isDrill: Bool
    /// Whether a process executes it.
    let isHeld: Bool
    /// Whether its process left it on purpose: paused, or waiting for people.
    let isLaidDown: Bool
  }

  init(_ schedule: DrillSchedule, _ history: DrillHistory, open: [OpenRun], at now: Timestamp) {
    if let dead = open.last(where: { $0.isDrill && !$0.isHeld && !$0.isLaidDown }) {
      self = .goesOn(run: dead.id)
    } else if !Self.isDue(schedule, history, at: now) {
      let next = schedule.nextOccasion(after: now)?.opens.formatted(fractionDigits: 0)
      self = .notNow("no drill is due\(next.map { " before \($0)" } ?? "")")
    } else if let blackout = schedule.blackout(at: now) {
      self = .refused("no drill may begin in the blackout \(blackout.text)")
    } else if !schedule.isOpen(at: now) {
      self = .notNow("a drill is due, and may begin \(schedule.window?.text ?? "")")
    } else if let other = open.first(where: { $0.isHeld || $0.isDrill }) {
      self = .refused(
        other.isHeld
          ? "run \(other.id) of the plan is under way"
          : "drill \(other.id) is laid down and not over: mosaic-dr resume \(other.id)")
    } else {
      self = .begins
    }
  }

  /// Whether the period that began last has had no drill yet. A blackout puts it off, but does not make
  /// it less due.
  private static func isDue(
    _ schedule: DrillSchedule, _ history: DrillHistory, at now: Timestamp
  ) -> Bool {
    let regular = DrillSchedule(every: schedule.every, window: schedule.window)
    guard let occasion = regular.latestOccasion(openedBy: now) else { return false }
    return history.drills.last.map { $0.began < occasion.opens } ?? true
  }
}
