import Platform
public import RunJournal
import StepGraph

/// What a run is judged as.
public enum Verdict: String, Sendable, Codable {
  case pass
  case passWithExceptions = "pass_with_exceptions"
  case fail
  case notMeasured = "not_measured"
}

/// An objective against what was achieved; milliseconds.
public struct Achievement: Sendable, Codable, Equatable {
  /// The objective; nil without one.
  public let objective: Int64?
  /// What was achieved; nil when it could not be measured.
  public let achieved: Int64?

  /// Holds a figure against an objective.
  public init(objective: Int64?, achieved: Int64?) {
    self.objective = objective
    self.achieved = achieved
  }

  /// Whether the objective is met; what could not be measured is never met.
  public var isMet: Bool? {
    guard let objective else { return nil }
    return achieved.map { $0 <= objective } ?? false
  }

  enum CodingKeys: String, CodingKey {
    case objective = "objective_ms"
    case achieved = "achieved_ms"
  }
}

/// The figures of a component.
public struct ComponentFigures: Sendable, Codable, Equatable {
  /// The component.
  public let name: String
  /// From the incident to its last successful check or cut-over; nil when a check did not succeed.
  public let rto: Int64?
  /// From the incident back to the recovery point, as the service says it.
  public let rpoByService: Int64?
  /// From the incident back to the newest data found.
  public let rpoMeasured: Int64?
  /// The worst of the two; nil when neither is known.
  public var rpo: Int64? { [rpoByService, rpoMeasured].compactMap { $0 }.max() }

  enum CodingKeys: String, CodingKey {
    case name
    case rto = "rto_ms"
    case rpoByService = "rpo_by_service_ms"
    case rpoMeasured = "rpo_measured_ms"
  }
}

/// Where the achieved RTO went along the critical path; milliseconds, adding up to it.
public struct TimeSplit: Sendable, Codable, Equatable {
  /// From the incident to the start of the run.
  public var beforeRun: Int64 = 0
  /// Waiting for people.
  public var person: Int64 = 0
  /// Waiting for the cloud.
  public var cloud: Int64 = 0
  /// Checking what was recovered.
  public var verification: Int64 = 0
  /// Our own: scheduling, polling lag, retries, interruptions.
  public var overhead: Int64 = 0

  enum CodingKeys: String, CodingKey {
    case beforeRun = "before_run_ms"
    case person = "person_ms"
    case cloud = "cloud_ms"
    case verification = "verification_ms"
    case overhead = "overhead_ms"
  }
}

/// The figures of a run, computed from its events alone: whoever has the events gets the same.
public struct RunFigures: Sendable, Codable, Equatable {
  /// The verdict.
  public let verdict: Verdict
  /// Why it is not a plain pass.
  public let reasons: [String]
  /// RTO from the incident.
  public let rto: Achievement
  /// RTO from the start of the run (NIST SP 800-53 CP-2(3) counts from activation); milliseconds.
  public let rtoFromDeclaration: Int64?
  /// RPO.
  public let rpo: Achievement
  /// Each component.
  public let components: [ComponentFigures]
  /// Where the time went.
  public let split: TimeSplit
  /// The steps that decided the RTO, first to last.
  public let criticalPath: [String]
  /// What was made, was to be removed and is still there.
  public let leftovers: [Leftover]

  enum CodingKeys: String, CodingKey {
    case verdict, reasons, rto, rpo, components, split, leftovers
    case rtoFromDeclaration = "rto_from_declaration_ms"
    case criticalPath = "critical_path"
  }

  /// Computes the figures; nil when the events do not begin with the run's creation.
  public init?(_ events: [JournalEvent]) {
    let history = RunHistory(events)
    guard let creation = history.creation, let incident = history.moment(.incident, nil),
      let declared = history.moment(.declared, nil)
    else { return nil }
    var seen: Set<String> = []
    let names = creation.steps.compactMap(\.component).filter { seen.insert($0).inserted }
    components = names.map { history.figures(of: $0, since: incident.at) }
    let end = history.end(of: names)
    rto = Achievement(
      objective: creation.rtoObjective, achieved: end.map { ($0 - incident.at).wholeMilliseconds })
    rtoFromDeclaration = end.map { ($0 - declared.at).wholeMilliseconds }
    let rpos = components.map(\.rpo)
    rpo = Achievement(
      objective: creation.rpoObjective,
      achieved: rpos.contains(nil) || rpos.isEmpty ? nil : rpos.compactMap { $0 }.max())
    criticalPath = history.criticalPath()
    split = history.split(
      criticalPath, before: (declared.at - incident.at).wholeMilliseconds,
      total: rto.achieved)
    leftovers = history.leftovers()
    (verdict, reasons) = history.verdict(rto: rto, rpo: rpo)
  }
}
