import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// The steps of the checks that a PostgreSQL database is put to, whatever brought it back.
struct DatabaseCheckNodes {
  /// The kinds of checks.
  static let kinds = [
    CheckKind(key: "sql", summary: "A query must give a value.", spec: SQLCheck.self),
    CheckKind(
      key: "heartbeat", summary: "The newest row tells the RPO.", spec: HeartbeatCheck.self),
    CheckKind(key: "warm", summary: "A query must be fast again.", spec: WarmCheck.self),
  ]
  /// The names of its steps, beside those of the checks.
  static let steps: Set<String> = ["connect", "prove-checks", "verified"]

  let component: Component
  let database: RestoredDatabase
  let mode: RunMode
  let connectTimeout: Duration
  /// The step after which the database is there.
  let after: String

  func nodes() -> [StepNode] {
    var nodes = [
      node("connect", ConnectDatabase(database: database), after: [after], within: connectTimeout)
    ]
    var needed = [id("connect")]
    let queries = component.checks.compactMap(query)
    if mode == .drill, !queries.isEmpty {
      nodes.append(
        StepNode(
          id("prove-checks"), ProveChecks(queries: queries, database: database),
          component: component.name, dependsOn: needed, policy: StepPolicy(timeout: Self.bound)))
      needed = [id("prove-checks")]
    }
    nodes += component.checks.compactMap { node(of: $0, after: needed) }
    nodes.append(
      StepNode(
        id("verified"), NoteVerified(checks: component.checks.count), component: component.name,
        dependsOn: [id("connect")] + component.checks.map { id($0.name) },
        policy: StepPolicy(timeout: .seconds(60), expected: .milliseconds(1))))
    return nodes
  }

  private static let bound: Duration = .seconds(900)

  private func id(_ step: String) -> String { "\(component.name).\(step)" }

  private func node(of check: Check, after needed: [String]) -> StepNode? {
    switch check.spec {
    case let spec as SQLCheck:
      node(
        check.name, CheckQuery(name: check.name, check: spec, database: database), after: needed)
    case let spec as HeartbeatCheck:
      node(
        check.name, ReadHeartbeat(name: check.name, check: spec, database: database), after: needed)
    case let spec as WarmCheck:
      node(
        check.name, AwaitWarm(name: check.name, check: spec, database: database), after: needed,
        within: spec.longestWait)
    default: nil
    }
  }

  private func node<S: ObservingStep>(
    _ name: String, _ step: S, after needed: [String], within bound: Duration = Self.bound
  ) -> StepNode {
    StepNode(
      id(name), step, component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: bound))
  }

  private func query(
    _ check: Check
  ) -> (name: String, sql: String, holds: @Sendable (String?) -> Bool)? {
    switch check.spec {
    case let spec as SQLCheck:
      (check.name, spec.query, { spec.expectation.isSatisfied(by: $0) })
    case let spec as HeartbeatCheck: (check.name, spec.query, { $0 != nil })
    default: nil
    }
  }
}
