public import RecoveryPlan

/// Every kind of component that a plan may hold: one line each.
public enum ComponentKinds {
  /// The kinds.
  public static var all: [ComponentKind] { [rds, velero, eks] }

  private static var rds: ComponentKind {
    ComponentKind(
      key: "rds", summary: "A PostgreSQL database on Amazon RDS.", spec: RDSComponent.self,
      checks: [
        CheckKind(key: "sql", summary: "A query must give a value.", spec: SQLCheck.self),
        CheckKind(
          key: "heartbeat", summary: "The newest row tells the RPO.", spec: HeartbeatCheck.self),
        CheckKind(
          key: "warm", summary: "A query must be fast again.", spec: WarmCheck.self),
      ],
      steps: RDSLowering.steps)
  }

  private static var velero: ComponentKind {
    ComponentKind(
      key: "velero", summary: "Namespaces of a Kubernetes cluster, from a backup of Velero.",
      spec: VeleroComponent.self, checks: ClusterChecks.all, steps: VeleroLowering.steps)
  }

  private static var eks: ComponentKind {
    ComponentKind(
      key: "eks", summary: "A cluster of Amazon EKS that must be there, or is made.",
      spec: EKSComponent.self, checks: [], steps: EKSLowering.steps)
  }
}
