public import Platform
public import RunJournal
public import StrictJSON

/// One attempt of a step.
public struct AttemptAccount: Sendable, Codable, Equatable {
  /// Its number.
  public let attempt: Int
  /// When it began.
  public let began: Timestamp
  /// When it ended; nil when nothing says so: the process died, or the run was laid down.
  public internal(set) var ended: Timestamp?
  /// `succeeded`, `failed`, `retried`, `interrupted`.
  public internal(set) var outcome: String
  /// Why, when it did not succeed.
  public internal(set) var reason: String?
}

/// What became of one step.
public struct StepAccount: Sendable, Codable, Equatable {
  /// The step.
  public let id: String
  /// Its kind.
  public let kind: String
  /// The component; nil for the run.
  public let component: String?
  /// The phase.
  public let phase: StepPhase
  /// What it does.
  public let summary: String
  /// What it waited for.
  public let dependsOn: [String]
  /// `succeeded`, `failed`, `skipped`, `cancelled`, `not executed`.
  public internal(set) var status = "not executed"
  /// Why it did not succeed.
  public internal(set) var reason: String?
  /// Its attempts.
  public internal(set) var attempts: [AttemptAccount] = []
  /// Where its time went.
  public internal(set) var timing = StepTiming()
  /// What was observed: calls with their request identifiers, queries with the values seen.
  public internal(set) var evidence: JSONValue = [:]

  /// When it first began.
  public var began: Timestamp? { attempts.first?.began }
  /// When it ended.
  public var ended: Timestamp? { attempts.last?.ended }

  enum CodingKeys: String, CodingKey {
    case id, kind, component, phase, summary, status, reason, attempts, timing, evidence
    case dependsOn = "depends_on"
  }
}

/// A departure from the plan, or something else that a reader has to know of.
public struct Deviation: Sendable, Codable, Equatable {
  /// `skipped`, `retried`, `failed`, `cancelled`, `reopened`, `interrupted`, `adopted`, `clock`,
  /// `objective`, `regression`, `finding`.
  public let kind: String
  /// When it was noted; nil for what follows from the whole run.
  public let at: Timestamp?
  /// The step; nil for the run.
  public let step: String?
  /// What happened, and why.
  public let text: String
  /// Who decided it; nil when nobody did.
  public let by: String?
}

/// Something that the run made or removed.
public struct ResourceAccount: Sendable, Codable, Equatable {
  /// The step that did it.
  public let step: String
  /// What it is, in words.
  public let what: String
  /// What names it for ever; nil when the call's answer never came.
  public let identity: JSONValue?
  /// When.
  public let at: Timestamp
}

/// A person's consent.
public struct ApprovalAccount: Sendable, Codable, Equatable {
  /// The step that waited for it.
  public let step: String
  /// Who.
  public let by: String
  /// When.
  public let at: Timestamp
}

/// What a check saw.
public struct CheckAccount: Sendable, Codable, Equatable {
  /// The step.
  public let step: String
  /// The component.
  public let component: String?
  /// The query or the place that was read; nil when the step keeps none.
  public let query: String?
  /// The value seen; nil when there was none.
  public let value: String?
  /// What the plan expects.
  public let expected: String?
  /// How it ended.
  public let status: String
}

/// The story of a run, told from its events alone: whoever has the events gets the same.
public struct RunAccount: Sendable, Codable, Equatable {
  /// Every step of the plan, executed or not, in the plan's order.
  public let steps: [StepAccount]
  /// Instants that were measured.
  public let moments: [Moment]
  /// Who agreed to what.
  public let approvals: [ApprovalAccount]
  /// The processes that executed the run, one after the other.
  public let executors: [ProcessIdentity]
  /// What the checks saw.
  public let checks: [CheckAccount]
  /// What was made or changed.
  public let made: [ResourceAccount]
  /// What was removed.
  public let removed: [ResourceAccount]
  /// Departures from the plan.
  public let deviations: [Deviation]
  /// When the first event was written.
  public let began: Timestamp
  /// When the last one was.
  public let ended: Timestamp

  /// Tells the story; nil when the events do not begin with the run's creation.
  ///
  /// - Parameter regressions: what has become worse since an earlier run, a clause each.
  public init?(_ events: [JournalEvent], figures: RunFigures, regressions: [String] = []) {
    guard let first = events.first, let last = events.last,
      let creation = try? first.body.decode(RunCreation.self)
    else { return nil }
    var teller = AccountTeller(creation)
    for event in events { teller.take(event) }
    began = first.at.wall
    ended = last.at.wall
    moments = teller.moments
    approvals = teller.approvals
    executors = teller.executors
    removed = teller.removed
    steps = teller.toldSteps
    made = teller.made
    checks = steps.filter { $0.phase == .verify }.map(CheckAccount.init)
    deviations =
      teller.deviations + Self.objectives(figures)
      + regressions.map { .init(kind: "regression", at: nil, step: nil, text: $0, by: nil) }
  }

  private static func objectives(_ figures: RunFigures) -> [Deviation] {
    [("RTO", figures.rto), ("RPO", figures.rpo)].compactMap { name, achievement in
      guard achievement.isMet == false else { return nil }
      let text = achievement.achieved == nil ? "could not be measured" : "objective was missed"
      return Deviation(kind: "objective", at: nil, step: nil, text: "the \(name) \(text)", by: nil)
    }
  }
}

extension CheckAccount {
  init(_ step: StepAccount) {
    self.init(
      step: step.id, component: step.component,
      query: step.evidence["query"]?.stringValue,
      value: step.evidence["value"]?.stringValue ?? step.evidence["newest"]?.stringValue
        ?? step.evidence["milliseconds"]?.integerValue.map { "\($0) ms" },
      expected: step.evidence["expected"]?.stringValue, status: step.status)
  }
}
