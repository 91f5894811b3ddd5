import Platform
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON
import Synchronization

/// Where checks of a restored cluster look.
struct ClusterScope: Sendable {
  let access: ClusterAccess
  /// From the namespaces of the backup to those they are restored to.
  let namespaces: [String: String]
  /// Whether the namespaces are those of one run, whose names nobody knows before.
  let belongsToRun: Bool

  /// The namespaces that are looked at.
  var targets: [String] { namespaces.values.sorted() }

  /// The namespaces as rights name them.
  var ruledTargets: [String?] { belongsToRun ? [nil] : targets }

  /// The namespace as rights name it: nil where it is of one run.
  func ruled(_ namespace: String) -> String? { belongsToRun ? nil : namespace }
}

/// A check of what was restored to a cluster: a type that a plan is read by, and that looks.
protocol ClusterCheck: PlanObject {
  /// What must hold, in a few words.
  var summary: String { get }
  /// The bound on the wait for it.
  var longestWait: Duration { get }
  /// How long a plain trouble is given before the check has failed.
  var patience: Duration { get }
  /// The calls that a look may make.
  func calls(_ scope: ClusterScope) -> [PlannedCall]
  /// Looks once.
  func look(_ scope: ClusterScope, _ context: StepContext) async throws -> CheckFinding
}

extension ClusterCheck {
  var patience: Duration { .seconds(120) }
}

/// What a look found.
enum CheckFinding: Sendable, Equatable {
  /// It holds; with what was seen.
  case holds(String)
  /// It does not hold yet; what is missing.
  case waiting(String)
  /// It does not hold, and waiting hardly helps; why.
  case troubled(String)
}

/// Looks until a check holds, gives up early when it is plain that it will not.
struct AwaitClusterCheck: ObservingStep {
  struct Output: Codable, Sendable {
    let found: String
  }

  static let kind = "kubernetes.check"
  static let phase = StepPhase.verify

  let name: String
  let check: any ClusterCheck
  let scope: ClusterScope
  private let trouble = TroubleClock()

  init(name: String, check: any ClusterCheck, scope: ClusterScope) {
    self.name = name
    self.check = check
    self.scope = scope
  }

  var summary: String { "check \(name): \(check.summary)" }
  var calls: [PlannedCall] { check.calls(scope) }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    switch try await check.look(scope, context) {
    case .holds(let found):
      context.keep("found", .string(found))
      return .ready(Output(found: found))
    case .waiting(let missing):
      trouble.clear()
      return .waiting(Progress(missing))
    case .troubled(let why):
      let since = trouble.since(context.time.now().sinceBoot)
      guard since < check.patience else {
        throw Problem(
          "a check of what was restored does not hold",
          on: "\(name) in \(scope.access.target.shown)",
          because: why,
          fix:
            "Mend that in the cluster, then 'mosaic-dr retry \(context.run) \(context.step)'; or "
            + "correct the plan.")
      }
      return .waiting(Progress(why))
    }
  }
}

/// Since when a trouble has lasted without a pause.
private final class TroubleClock: Sendable {
  private let began = Mutex<Int64?>(nil)

  func since(_ now: Int64) -> Duration {
    let first = began.withLock { began in
      began = began ?? now
      return began ?? now
    }
    return .nanoseconds(now - first)
  }

  func clear() { began.withLock { $0 = nil } }
}

/// Runs each check before anything is restored, where it must not hold: one that does could never
/// fail.
struct ProveClusterChecks: ObservingStep {
  struct Output: Codable, Sendable {
    let proven: Int
  }

  static let kind = "kubernetes.prove-checks"
  static let phase = StepPhase.prepare

  let checks: [(name: String, check: any ClusterCheck)]
  let scope: ClusterScope

  var summary: String { "make sure that the checks can fail" }
  var calls: [PlannedCall] { checks.flatMap { $0.check.calls(scope) } }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    var proven = 0
    for (name, check) in checks {
      if case .holds(let found) = try await check.look(scope, context) {
        context.note(
          Finding(
            .exception,
            "Check \(name) holds before anything is restored (\(found)): it proves nothing."))
      } else {
        proven += 1
      }
    }
    return .ready(Output(proven: proven))
  }
}
