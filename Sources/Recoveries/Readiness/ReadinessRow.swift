import AWSClient
public import RunEngine
public import RunJournal

/// What was found about one thing that has to be so before a plan can be run.
public struct ReadinessRow: Sendable, Codable, Equatable {
  /// Whether it is so.
  public enum Verdict: String, Sendable, Codable {
    /// It is.
    case ready
    /// It is, or may be, but somebody should look.
    case warning
    /// It is not, or it could not be found out.
    case notReady = "not_ready"
  }

  /// The component it concerns; nil for the plan.
  public let component: String?
  /// What was looked at.
  public let check: String
  /// Whether it is so.
  public let verdict: Verdict
  /// What was found.
  public let detail: String
  /// What a person can do about it; nil when it is ready.
  public let fix: String?

  /// Creates a row.
  public init(
    _ component: String?, _ check: String, _ verdict: Verdict, _ detail: String, fix: String? = nil
  ) {
    self.component = component
    self.check = check
    self.verdict = verdict
    self.detail = detail
    self.fix = fix
  }
}

/// Looks at something that the steps of a plan do not look at by themselves before they change
/// something. Kinds of components contribute theirs in ``Lowering/readinessChecks(of:)``.
///
/// It may read the outputs of the plan's steps that only prepare, when its node depends on them.
public protocol ReadinessCheck: ObservingStep where Output == [ReadinessRow] {}

extension ReadinessCheck {
  public static var phase: StepPhase { .prepare }
}
