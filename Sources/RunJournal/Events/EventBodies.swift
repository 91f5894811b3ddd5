public import Platform
public import StrictJSON

/// What part of a recovery a step belongs to.
public enum StepPhase: String, Sendable, Codable, CaseIterable {
  case prepare, recover, verify, cutover, cleanup
}

/// Whether a run makes an isolated copy and removes it, or recovers for good.
public enum RunMode: String, Sendable, Codable {
  case drill, restore
}

/// A named instant that RTO or RPO is measured with.
public struct Moment: Sendable, Codable, Equatable {
  /// Which instant.
  public enum Name: String, Sendable, Codable {
    /// The service was lost.
    case incident
    /// The run was asked for.
    case declared
    /// The first call that changes something was made.
    case firstAction = "first_action"
    /// The service says so several reads in a row, and answers.
    case usable
    /// What users need first is fast again.
    case warm
    /// Every check of a component passed.
    case verified
    /// Users reach the recovered service.
    case cutOver = "cut_over"
    /// The instant up to which the recovered data is present, by the service's own word.
    case recoveryPoint = "recovery_point"
    /// The newest data found in what was recovered.
    case lastCommitted = "last_committed"
  }

  /// How an instant is known, best first.
  public enum Evidence: String, Sendable, Codable, CaseIterable {
    /// Read from the recovered data itself.
    case measured
    /// A field of the service.
    case serviceField = "service_field"
    /// Concluded from something else.
    case inferred
    /// Said by the operator.
    case stated
  }

  /// Which instant.
  public let name: Name
  /// The component it concerns; nil for the run.
  public let component: String?
  /// When.
  public let at: Timestamp
  /// How it is known.
  public let evidence: Evidence
  /// Where exactly it was read.
  public let source: String

  /// Creates a moment.
  public init(
    _ name: Name, of component: String? = nil, at: Timestamp, evidence: Evidence, source: String
  ) {
    self.name = name
    self.component = component
    self.at = at
    self.evidence = evidence
    self.source = source
  }
}

/// Something a reader of the report should know, though no step failed over it.
public struct Finding: Sendable, Codable, Equatable {
  /// How much it matters.
  public enum Severity: String, Sendable, Codable {
    /// Worth knowing.
    case note
    /// Someone should look into it.
    case warning
    /// The result cannot be trusted in this respect.
    case exception
  }

  /// How much it matters.
  public let severity: Severity
  /// What was found, as a sentence.
  public let text: String

  /// Creates a finding.
  public init(_ severity: Severity, _ text: String) {
    self.severity = severity
    self.text = text
  }
}

/// Where the time of one step went, as far as this process saw it; milliseconds.
public struct StepTiming: Sendable, Codable, Equatable {
  /// Waiting for the cloud: calls under way, and pauses between polls that found it not ready.
  public var cloud: Int64 = 0
  /// The pause before the poll that found it ready: at most this much was lost by polling.
  public var pollingLag: Int64 = 0
  /// Pauses before another try.
  public var retries: Int64 = 0
  /// Waiting for a person.
  public var person: Int64 = 0

  /// Creates an empty account.
  public init() {}

  /// More than any step takes, 100 years: a journal of somebody else's making may claim anything.
  public static let longest: Int64 = 100 * 365 * 86_400_000

  /// Adds the account of a further attempt; each part stays between nothing and ``longest``.
  public static func += (sum: inout StepTiming, more: StepTiming) {
    for part in [\StepTiming.cloud, \.pollingLag, \.retries, \.person] {
      let added = min(max(more[keyPath: part], 0), longest)
      sum[keyPath: part] = min(max(sum[keyPath: part], 0) + added, longest)
    }
  }

  enum CodingKeys: String, CodingKey {
    case cloud = "cloud_ms"
    case pollingLag = "polling_lag_ms"
    case retries = "retries_ms"
    case person = "person_ms"
  }
}

/// The body of `run.created`: everything that fixes what the run will do.
public struct RunCreation: Sendable, Codable {
  /// The plan's name.
  public let plan: String
  /// SHA-256 of the plan's exact bytes.
  public let planDigest: String
  /// The file the plan was read from.
  public let planFile: String
  /// SHA-256 of the exact bytes of each plan that it includes, by name; nil when there is none.
  public let includedPlans: [String: String]?
  /// SHA-256 of what of these plans is executed; nil in journals of before.
  public let executedDigest: String?
  /// Drill or restore.
  public let mode: RunMode
  /// Options given on the command line that steer the run.
  public let options: [String: String]
  /// The objective for RTO in milliseconds; nil without one.
  public let rtoObjective: Int64?
  /// The objective for RPO in milliseconds; nil without one.
  public let rpoObjective: Int64?
  /// The steps.
  public let steps: [StepRecord]
  /// The steps on the critical path, as it was expected; nil in journals of before.
  public let expectedPath: [String]?
  /// Who asked for it.
  public let operatorIdentity: ProcessIdentity
  /// This program's version.
  public let version: String

  /// A step as the journal keeps it.
  public struct StepRecord: Sendable, Codable {
    /// The identifier.
    public let id: String
    /// The kind of step.
    public let kind: String
    /// The component; nil for the run as a whole.
    public let component: String?
    /// The phase.
    public let phase: StepPhase
    /// What it needs.
    public let dependsOn: [String]
    /// What it does, in a few words.
    public let summary: String
    /// What it removes; nil when it removes nothing.
    public let removal: Removal?

    /// What a step removes, so that it can be named when that fails.
    public struct Removal: Sendable, Codable, Equatable {
      /// The step that makes it.
      public let of: String
      /// What it is: kind, identifier and region.
      public let what: String
      /// What it costs while it is there.
      public let cost: String

      /// Creates the description.
      public init(of: String, what: String, cost: String) {
        self.of = of
        self.what = what
        self.cost = cost
      }
    }

    /// Creates a record.
    public init(
      id: String, kind: String, component: String?, phase: StepPhase, dependsOn: [String],
      summary: String, removal: Removal? = nil
    ) {
      self.id = id
      self.kind = kind
      self.component = component
      self.phase = phase
      self.dependsOn = dependsOn
      self.summary = summary
      self.removal = removal
    }

    enum CodingKeys: String, CodingKey {
      case id, kind, component, phase, summary, removal
      case dependsOn = "depends_on"
    }
  }

  /// Creates the body.
  public init(
    plan: String, planDigest: String, planFile: String, includedPlans: [String: String]? = nil,
    executedDigest: String? = nil, mode: RunMode, options: [String: String],
    rtoObjective: Int64?, rpoObjective: Int64?, steps: [StepRecord],
    expectedPath: [String]? = nil,
    operatorIdentity: ProcessIdentity, version: String
  ) {
    self.plan = plan
    self.planDigest = planDigest
    self.planFile = planFile
    self.includedPlans = includedPlans
    self.executedDigest = executedDigest
    self.mode = mode
    self.options = options
    self.rtoObjective = rtoObjective
    self.rpoObjective = rpoObjective
    self.steps = steps
    self.expectedPath = expectedPath
    self.operatorIdentity = operatorIdentity
    self.version = version
  }

  enum CodingKeys: String, CodingKey {
    case plan, mode, options, steps, version
    case planDigest = "plan_digest"
    case planFile = "plan_file"
    case includedPlans = "included_plans"
    case executedDigest = "executed_digest"
    case expectedPath = "expected_path"
    case rtoObjective = "rto_objective_ms"
    case rpoObjective = "rpo_objective_ms"
    case operatorIdentity = "operator"
  }
}

/// The body of `step.succeeded`.
public struct StepSuccess: Sendable, Codable {
  /// What later steps may read.
  public let output: JSONValue
  /// What was observed on the way: calls with request identifiers, values seen.
  public let evidence: JSONValue
  /// Where the time went.
  public let timing: StepTiming

  /// Creates the body.
  public init(output: JSONValue, evidence: JSONValue, timing: StepTiming) {
    self.output = output
    self.evidence = evidence
    self.timing = timing
  }
}

/// The body of `step.failed`, `step.retrying` and of other ends that have a reason.
public struct StepFailure: Sendable, Codable, Equatable {
  /// What failed.
  public let summary: String
  /// On what.
  public let subject: String?
  /// Why.
  public let reason: String
  /// What a person can do.
  public let remedy: String

  /// Takes over the words of an error.
  public init(_ error: any Error) {
    if let error = error as? any ExplainedError {
      summary = error.summary
      subject = error.subject
      reason = error.reason
      remedy = error.remedy
    } else {
      summary = "an unexpected error"
      subject = nil
      reason = String(describing: error)
      remedy = "This is a defect of this program: please report it with the run's report."
    }
  }
}
