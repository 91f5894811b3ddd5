import Measurement
public import Platform
public import RecoveryPlan
public import StrictJSON

/// How the drills of a plan stand against what it asks for, at one moment.
public struct DrillStanding: Sendable {
  /// The short of it.
  public enum State: String, Sendable {
    /// The latest drill that was due has passed.
    case current
    /// One may begin, and none has passed yet.
    case due
    /// One was due, and none has passed since.
    case overdue
    /// The plan asks for none.
    case unscheduled
  }

  /// The plan.
  public let plan: RecoveryPlan
  /// The short of it.
  public let state: State
  /// The newest drill that began.
  public let lastDrill: DrillHistory.Drill?
  /// The newest drill that passed.
  public let lastSuccess: DrillHistory.Drill?
  /// The newest one that was refused, unless a drill began since.
  public let lastRefusal: DrillHistory.Refusal?
  /// When the next one is due, or the one that is due now.
  public let nextDue: DrillOccasion?
  /// The occasions that went by without a drill.
  public let missed: [DrillOccasion]
  /// Whether the plan would do something else than the newest drill that passed, which has proven that.
  public let isUnproven: Bool

  /// Looks at a plan's history.
  public init(of plan: RecoveryPlan, _ history: DrillHistory, now: Timestamp) {
    self.plan = plan
    let lastDrill = history.drills.last
    let lastSuccess = history.drills.last(where: \.hasPassed)
    self.lastDrill = lastDrill
    self.lastSuccess = lastSuccess
    lastRefusal = history.refusals.last.flatMap { refusal in
      lastDrill.map { $0.began < refusal.at } ?? true ? refusal : nil
    }
    isUnproven = lastSuccess.map { !$0.isOf(plan) } ?? true
    missed = history.missed(by: now, asked: plan.schedule)
    guard let schedule = plan.schedule else {
      (state, nextDue) = (.unscheduled, nil)
      return
    }
    let isProven = { (occasion: DrillOccasion?) in
      occasion.map { occasion in lastSuccess.map { $0.began >= occasion.opens } ?? false } ?? true
    }
    let open = schedule.latestOccasion(openedBy: now).flatMap { $0.closes > now ? $0 : nil }
    if !isProven(schedule.latestOccasion(closedBy: now)) {
      state = .overdue
    } else {
      state = isProven(open) ? .current : .due
    }
    nextDue = isProven(open) ? schedule.nextOccasion(after: now) : open
  }

  /// The standing as JSON; the names of its members stay.
  public var json: JSONValue {
    var json: JSONObject = [
      "plan": .string(plan.name), "file": .string(plan.file), "state": .string(state.rawValue),
      "unproven": .bool(isUnproven), "missed": .integer(Int64(missed.count)),
      "schedule": plan.schedule.map { .object($0.entry) } ?? .null,
      "last_drill": Self.json(lastDrill), "last_success": Self.json(lastSuccess),
      "next_due": .null, "last_refusal": .null,
    ]
    if let nextDue {
      json["next_due"] = [
        "opens": .string(nextDue.opens.description), "closes": .string(nextDue.closes.description),
      ]
    }
    if let lastRefusal {
      json["last_refusal"] = [
        "at": .string(lastRefusal.at.description), "reason": .string(lastRefusal.reason),
      ]
    }
    return .object(json)
  }

  private static func json(_ drill: DrillHistory.Drill?) -> JSONValue {
    guard let drill else { return .null }
    return [
      "run": .string(drill.run), "began": .string(drill.began.description),
      "verdict": drill.verdict.map { .string($0.rawValue) } ?? .null,
    ]
  }
}
