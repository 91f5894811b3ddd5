public import RecoveryPlan

/// Every kind of component that a plan may hold: one line each.
public enum ComponentKinds {
  /// The kinds.
  public static var all: [ComponentKind] { [rds, aurora, s3, velero, eks] }

  private static var rds: ComponentKind {
    ComponentKind(
      key: "rds", summary: "A PostgreSQL database on Amazon RDS.", spec: RDSComponent.self,
      checks: DatabaseCheckNodes.kinds,
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

  private static var aurora: ComponentKind {
    ComponentKind(
      key: "aurora", summary: "An Aurora PostgreSQL cluster.", spec: AuroraComponent.self,
      checks: DatabaseCheckNodes.kinds, steps: AuroraLowering.steps)
  }

  private static var s3: ComponentKind {
    ComponentKind(
      key: "s3", summary: "A bucket that S3 replicates to another region.", spec: S3Component.self,
      checks: [], steps: S3Lowering.steps)
  }
}
