public import PositionedYAML

/// A plan: what is recovered, from where to where, and how good it has to be.
public struct RecoveryPlan: Sendable {
  /// The name.
  public let name: String
  /// Who answers for it.
  public let owner: String?
  /// Tags that everything made by a run carries.
  public let tags: [String: String]
  /// The objective for RTO.
  public let rto: Duration?
  /// The objective for RPO.
  public let rpo: Duration?
  /// The region that is lost.
  public let primaryRegion: String
  /// The region that things are brought back in.
  public let recoveryRegion: String
  /// How many people must agree before a restore changes anything.
  public let restoreApprovals: Int
  /// How many people must agree before a drill changes anything.
  public let drillApprovals: Int
  /// What is recovered.
  public let components: [Component]
  /// The file, as it was named.
  public let file: String
  /// The file's exact bytes.
  public let bytes: [UInt8]
}

/// One thing in a plan that is recovered.
public struct Component: Sendable {
  /// The name, unique in the plan.
  public let name: String
  /// The components that must be back before it.
  public let dependsOn: [String]
  /// The key of its kind: `rds`.
  public let kind: String
  /// What its kind says of it.
  public let spec: any PlanObject
  /// What must hold of it once it is back.
  public let checks: [Check]
  /// Where it stands in the file.
  public let position: SourcePosition
}

/// Something that must hold of a recovered component.
public struct Check: Sendable {
  /// The name, unique in the component.
  public let name: String
  /// The key of its kind: `sql`.
  public let kind: String
  /// What its kind says of it.
  public let spec: any PlanObject
}

/// A kind of component: its key in a plan, the type that reads it, and the checks it understands.
public struct ComponentKind: Sendable {
  /// The key.
  public let key: String
  /// What it is, as a sentence.
  public let summary: String
  /// The type that reads it.
  public let spec: any PlanObject.Type
  /// The checks that its `verify` list may hold.
  public let checks: [CheckKind]

  /// Creates a kind.
  public init(key: String, summary: String, spec: any PlanObject.Type, checks: [CheckKind]) {
    self.key = key
    self.summary = summary
    self.spec = spec
    self.checks = checks
  }
}

/// A kind of check.
public struct CheckKind: Sendable {
  /// The key.
  public let key: String
  /// What it checks, as a sentence.
  public let summary: String
  /// The type that reads it.
  public let spec: any PlanObject.Type

  /// Creates a kind.
  public init(key: String, summary: String, spec: any PlanObject.Type) {
    self.key = key
    self.summary = summary
    self.spec = spec
  }
}
