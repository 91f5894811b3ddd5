public import Platform

/// What is known of a run before its first event.
public struct RunRecord: Sendable, Equatable {
  /// The run's identifier, a ULID.
  public let id: String
  /// The plan's name.
  public let planName: String
  /// SHA-256 of the plan's exact bytes.
  public let planDigest: String
  /// `drill` or `restore`.
  public let mode: String
  /// When the run was asked for.
  public let createdAt: Timestamp

  /// Creates a record.
  public init(id: String, planName: String, planDigest: String, mode: String, createdAt: Timestamp)
  {
    self.id = id
    self.planName = planName
    self.planDigest = planDigest
    self.mode = mode
    self.createdAt = createdAt
  }
}

/// A run in a list.
public struct RunSummary: Sendable {
  /// The run.
  public let record: RunRecord
  /// The type of its latest event that concerns the run as a whole.
  public let latest: EventType?
  /// Who executes it now, if anybody.
  public let holder: LeaseHolder?
  /// Whether its events were removed.
  public let isPruned: Bool
}

/// What an operator at another terminal asks of a run. Taken up by whoever executes it.
public struct OperatorRequest: Sendable, Codable, Equatable {
  /// What is asked.
  public enum Action: String, Sendable, Codable {
    case pause, cancel, approve, retry, skip
  }

  /// What is asked.
  public let action: Action
  /// The step it concerns; nil for the whole run.
  public let step: String?
  /// Why, in the operator's words.
  public let reason: String?
  /// Who asks: user and host.
  public let by: String

  /// Creates a request.
  public init(action: Action, step: String?, reason: String?, by: String) {
    self.action = action
    self.step = step
    self.reason = reason
    self.by = by
  }
}
