import Cryptography
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
  /// When drills are due.
  public let schedule: DrillSchedule?
  /// The bound on a whole run.
  public let timeout: Duration
  /// What is recovered.
  public let components: [Component]
  /// Other plans that are part of this one.
  public let includes: [IncludedPlan]
  /// What is supposed to have happened, for the report.
  public let scenario: String?
  /// Further controls that a run is evidence for: `SOC 2: CC7.5`.
  public let controls: [String]
  /// The file, as it was named.
  public let file: String
  /// The file's exact bytes.
  public let bytes: [UInt8]
  /// SHA-256 of what of the file is executed.
  let ownExecutedDigest: String
}

extension RecoveryPlan {
  /// Whether its file is found by its name.
  public var isNamedAsItsFile: Bool { Self.isNamed(name, file) }

  static func isNamed(_ name: String, _ file: String) -> Bool {
    "/\(file)".hasSuffix("/\(name).yaml")
  }

  /// SHA-256 of the file's exact bytes.
  public var digest: String { SHA256.digest(of: bytes).hex }

  /// SHA-256 of the exact bytes of each plan that is part of this one, by name; nil when none is.
  public var includedDigests: [String: String]? {
    let included = family.dropFirst()
    return included.isEmpty
      ? nil : Dictionary(included.map { ($0.name, $0.digest) }, uniquingKeysWith: { $1 })
  }

  /// SHA-256 of what of it, and of the plans that are part of it, is executed: a drill that passed proves
  /// every plan that has the same. The schedule, the owner, comments and layout are no part of it.
  public var executedDigest: String {
    let lines = family.map { "\($0.name) \($0.ownExecutedDigest)\n" }.sorted()
    return SHA256.digest(of: Array(lines.joined().utf8)).hex
  }

  /// How many people must agree before a restore of it and of all that it includes changes anything: who
  /// has to agree to a part has to agree to the whole.
  public var neededRestoreApprovals: Int { family.map(\.restoreApprovals).max() ?? 0 }

  /// How many people must agree before such a drill changes anything.
  public var neededDrillApprovals: Int { family.map(\.drillApprovals).max() ?? 0 }

  /// This plan and all that it includes, each once, itself first.
  public var family: [RecoveryPlan] {
    includes.reduce(into: [self]) { family, included in
      for plan in included.plan.family where !family.contains(where: { $0.name == plan.name }) {
        family.append(plan)
      }
    }
  }
}

/// A plan that is part of another.
public struct IncludedPlan: Sendable {
  /// Its name, which stands before the names of its components: `rds-prod/core-db`.
  public let name: String
  /// The components and plans of the including one that must be back before it.
  public let dependsOn: [String]
  /// The plan.
  public let plan: RecoveryPlan
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
  /// What leads its users to it, in this order.
  public let cutOvers: [Check]
  /// Where it stands in the file.
  public let position: SourcePosition

  /// The same component under another name, and waiting for others.
  public func renamed(_ name: String, dependsOn: [String]) -> Component {
    Component(
      name: name, dependsOn: dependsOn, kind: kind, spec: spec, checks: checks, cutOvers: cutOvers,
      position: position)
  }
}

/// Something that must hold of a recovered component, or that leads its users to it.
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
  /// What its `cutover` list may hold.
  public let cutOvers: [CheckKind]
  /// The names of its own steps, which no check may have.
  public let steps: Set<String>

  /// Creates a kind.
  public init(
    key: String, summary: String, spec: any PlanObject.Type, checks: [CheckKind],
    cutOvers: [CheckKind] = [], steps: Set<String>
  ) {
    self.key = key
    self.summary = summary
    self.spec = spec
    self.checks = checks
    self.cutOvers = cutOvers
    self.steps = steps
  }
}

/// A kind of check, or of cut-over.
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
