public import RecoveryPlan

/// Every kind of component that a plan may hold: one line each.
public enum ComponentKinds {
  /// The kinds.
  public static var all: [ComponentKind] { [rds, s3] }

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

  private static var s3: ComponentKind {
    ComponentKind(
      key: "s3", summary: "A bucket that S3 replicates to another region.", spec: S3Component.self,
      checks: [], steps: S3Lowering.steps)
  }
}
