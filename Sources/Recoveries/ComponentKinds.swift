public import RecoveryPlan

/// Every kind of component that a plan may hold: one line each.
public enum ComponentKinds {
  /// The kinds.
  public static var all: [ComponentKind] { [rds, aurora] }

  private static var rds: ComponentKind {
    ComponentKind(
      key: "rds", summary: "A PostgreSQL database on Amazon RDS.", spec: RDSComponent.self,
      checks: DatabaseCheckNodes.kinds,
      steps: RDSLowering.steps)
  }

  private static var aurora: ComponentKind {
    ComponentKind(
      key: "aurora", summary: "An Aurora PostgreSQL cluster.", spec: AuroraComponent.self,
      checks: DatabaseCheckNodes.kinds, steps: AuroraLowering.steps)
  }
}
