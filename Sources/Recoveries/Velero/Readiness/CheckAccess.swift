import KubernetesClient
import Platform
import RunEngine

/// Asks the cluster whether it permits every request that the plan's steps declare
/// (SelfSubjectAccessReview).
struct CheckAccess: ReadinessCheck {
  static let kind = "readiness.kubernetes.access"

  let access: ClusterAccess
  let component: String
  private let rules: [AccessRule]

  init(access: ClusterAccess, component: String, planned nodes: [StepNode]) {
    self.access = access
    self.component = component
    let permissions = Set(nodes.flatMap(\.calls).flatMap(\.permissions))
    rules = permissions.compactMap(AccessRule.init).sorted { $0.shown < $1.shown }
  }

  var summary: String { "access to \(access.target.shown)" }
  var calls: [PlannedCall] { [access.plan(.create, .accessReviews, in: nil)] }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    var denied: [AccessRule] = []
    for rule in rules where try await !access.may(rule, context) { denied.append(rule) }
    if denied.isEmpty {
      return .ready([
        ReadinessRow(component, summary, .ready, "\(rules.count) rights are given")
      ])
    }
    return .ready(
      denied.map { rule in
        ReadinessRow(
          component, summary, .notReady, "may not \(rule.shown)",
          fix: "Grant it; 'mosaic-dr permissions --format rbac' prints all rules.")
      })
  }
}

extension AccessRule {
  /// A declared permission as a rule; nil when it is none of Kubernetes.
  init?(_ permission: CallPermission) {
    guard permission.authority == .kubernetes,
      let verb = KubernetesRequest.Verb(rawValue: permission.action),
      let parts = permission.resources.first?.split(
        separator: "/", omittingEmptySubsequences: false), parts.count == 2
    else { return nil }
    self.init(
      verb, KubernetesResource(String(parts[1]), group: String(parts[0])),
      in: permission.namespace)
  }
}
