import Cryptography
public import Measurement
public import Platform
public import RecoveryPlan
import StrictJSON

/// The drills of one plan as a ledger tells them, oldest first.
public struct DrillHistory: Sendable {
  /// A drill that began.
  public struct Drill: Sendable {
    /// The run.
    public let run: String
    /// When it was asked for.
    public let began: Timestamp
    /// What came of it; nil as long as nothing has.
    public let verdict: Verdict?
    /// What the plan asked for then.
    let asked: DrillSchedule?
    let plan: String?
    let included: String?
    let executed: String?

    /// Whether it shows that the plan works.
    public var hasPassed: Bool { verdict == .pass || verdict == .passWithExceptions }

    /// Whether it ran what the plan, and those that are part of it, say now. Drills of before, of which
    /// only the files' digests are known, must have run the same bytes.
    public func isOf(_ plan: RecoveryPlan) -> Bool {
      if let executed { return executed == plan.executedDigest }
      return self.plan == plan.digest
        && included == plan.includedDigests.map(DrillHistory.digest(ofIncluded:))
    }
  }

  /// A drill that a timer asked for, and that did not begin.
  public struct Refusal: Sendable, Equatable {
    /// When.
    public let at: Timestamp
    /// Why.
    public let reason: String
  }

  /// The drills that began.
  public private(set) var drills: [Drill] = []
  /// Those that were refused.
  public private(set) var refusals: [Refusal] = []

  /// The history of a plan.
  public init(of plan: String, in content: LedgerContent) {
    self = Self.all(in: content.entries)[plan] ?? DrillHistory()
  }

  init() {}

  /// The history of every plan that a ledger knows.
  static func all(in entries: [LedgerEntry]) -> [String: DrillHistory] {
    let verdicts = entries.verdicts
    var histories: [String: DrillHistory] = [:]
    for entry in entries {
      guard let plan = entry.json["plan"]?.stringValue else { continue }
      switch entry.kind {
      case .runStarted where entry.json["mode"] == "drill":
        guard let run = entry.run else { continue }
        histories[plan, default: DrillHistory()].drills.append(
          Drill(
            run: run, began: entry.at, verdict: verdicts[run], asked: DrillSchedule(entry.json),
            plan: entry.json["plan_sha256"]?.stringValue,
            included: entry.json["included_sha256"]?.stringValue,
            executed: entry.json["executed_sha256"]?.stringValue))
      case .drillRefused:
        histories[plan, default: DrillHistory()].refusals.append(
          Refusal(at: entry.at, reason: entry.json["reason"]?.stringValue ?? ""))
      default: break
      }
    }
    return histories
  }

  /// The occasions that went by without a drill: neither one in time, nor a late one before the next.
  ///
  /// - Parameter schedule: what the plan asks for now; before the newest drill counts what it asked for then.
  public func missed(by now: Timestamp, asked schedule: DrillSchedule?) -> [DrillOccasion] {
    var missed: [DrillOccasion] = []
    for (drill, next) in zip(drills, drills.dropFirst()) {
      guard let asked = drill.asked else { continue }
      missed += asked.occasions(openingAfter: drill.began, closedBy: next.began).filter {
        asked.nextOccasion(after: $0.opens).map { $0.opens <= next.began } ?? false
      }
    }
    guard let last = drills.last, let schedule else { return missed }
    return missed + schedule.occasions(openingAfter: last.began, closedBy: now)
  }

  /// One digest for the plans that are part of another.
  static func digest(ofIncluded digests: [String: String]) -> String {
    let lines = digests.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
    return SHA256.digest(of: Array(lines.joined().utf8)).hex
  }
}

extension [LedgerEntry] {
  /// What came of the runs that have ended, by run.
  var verdicts: [String: Verdict] {
    reduce(into: [:]) { verdicts, entry in
      guard entry.kind == .runFinished, let run = entry.run else { return }
      verdicts[run] = entry.json["verdict"]?.stringValue.flatMap(Verdict.init(rawValue:))
    }
  }
}

extension DrillSchedule {
  /// The schedule as the start of a run repeats it; nil when the plan had none.
  init?(_ entry: JSONValue) {
    guard let every = entry["every"]?.stringValue.flatMap(Period.init(rawValue:)) else {
      return nil
    }
    self.init(
      every: every, window: entry["window"]?.stringValue.flatMap { DrillWindow($0) },
      blackouts: (entry["blackouts"]?.arrayValue ?? []).compactMap(\.stringValue)
        .compactMap { Blackout($0) })
  }

  /// What the start of a run repeats of it.
  var entry: JSONObject {
    var entry: JSONObject = ["every": .string(every.rawValue)]
    entry["window"] = window.map { .string($0.text) }
    entry["blackouts"] = blackouts.isEmpty ? nil : .array(blackouts.map { .string($0.text) })
    return entry
  }
}
