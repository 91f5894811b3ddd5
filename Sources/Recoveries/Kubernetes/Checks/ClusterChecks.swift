import RecoveryPlan

/// The kinds of checks of what was restored to a cluster: one line each.
enum ClusterChecks {
  static var all: [CheckKind] {
    [
      CheckKind(
        key: "workloads", summary: "Every workload must be ready.", spec: WorkloadsCheck.self),
      CheckKind(key: "claims", summary: "Every claim must be bound.", spec: ClaimsCheck.self),
      CheckKind(
        key: "services", summary: "Every service must have endpoints.", spec: ServicesCheck.self),
      CheckKind(
        key: "ingress", summary: "The hosts of Ingresses must answer.", spec: IngressCheck.self),
      CheckKind(
        key: "condition", summary: "A field of an object must have a value.",
        spec: ConditionCheck.self),
      CheckKind(key: "http", summary: "A URL must answer.", spec: HTTPCheck.self),
    ]
  }
}
