import Platform
import PositionedYAML
public import RecoveryPlan
import StrictJSON

/// `aurora`: an Aurora PostgreSQL cluster.
public struct AuroraComponent: PlanObject {
  let cluster: String
  let recoverFrom: AuroraRecoverySource
  let mustBeEncrypted: Bool
  let target: AuroraTarget
  let settings: RDSSettings?
  let production: ProductionNetwork?
  let access: DatabaseAccess
  let timeouts: RDSTimeouts

  /// Reads the fields.
  public init(from fields: FieldReader) {
    cluster = fields.required(
      "cluster", .rdsIdentifier, "The identifier of the cluster that is lost.")
    recoverFrom = fields.optional(
      "recoverFrom", .auroraSource, default: .pointInTime, shownAs: "pointInTime",
      "What it is brought back from: pointInTime (in the cluster's own region alone), "
        + "latestSnapshot, or {snapshot: IDENTIFIER}.")
    mustBeEncrypted =
      fields.optional(
        "encrypted", .choice(["required", "any"]), default: "any", shownAs: "any",
        "Whether a recovery point that is not encrypted is refused.") == "required"
    target = fields.required("target", .object(AuroraTarget.self), "Where and how it is made.")
    settings = fields.optional(
      "settings", .object(RDSSettings.self),
      "What a restore does not carry over; else as the cluster and its writer had it.")
    if settings?.maxAllocatedStorage != nil {
      fields.report(
        "the storage of a cluster has no limit to set", in: "settings",
        fix: "Remove 'maxAllocatedStorage'.")
    }
    production = fields.optional(
      "production", .object(ProductionNetwork.self),
      "Production's network, which drills keep out of; else that of the cluster, while it is there."
    )
    access = fields.required("access", .object(DatabaseAccess.self), "How checks log in.")
    timeouts = fields.optional(
      "timeouts", .object(RDSTimeouts.self), default: RDSTimeouts(), shownAs: [:],
      "Bounds on the waits.")
  }
}

/// `aurora.recoverFrom`
enum AuroraRecoverySource: Sendable, Equatable {
  case pointInTime, latestSnapshot
  case snapshot(String)
}

extension FieldType where Value == AuroraRecoverySource {
  static var auroraSource: FieldType {
    FieldType(
      schema: [
        "anyOf": [
          ["enum": ["pointInTime", "latestSnapshot"]],
          [
            "type": "object", "required": ["snapshot"], "additionalProperties": false,
            "properties": ["snapshot": .object(FieldType<String>.text(upTo: 300).schema())],
          ],
        ]
      ], sample: .pointInTime
    ) { node, sink in
      switch (node.text, node.entries) {
      case ("pointInTime", _): return .pointInTime
      case ("latestSnapshot", _): return .latestSnapshot
      case (_, .some(let entries)) where entries.count == 1 && entries[0].key == "snapshot":
        return FieldType<String>.text(upTo: 300).read(entries[0].value, sink).map { .snapshot($0) }
      default: break
      }
      sink.report(
        "'\(node.text ?? "this")' is no source to recover from", at: node.position,
        fix: "Write pointInTime, latestSnapshot, or {snapshot: IDENTIFIER}.")
      return nil
    }
  }
}

/// `aurora.target`: what the restore calls are told.
struct AuroraTarget: PlanObject {
  let identifier: String?
  let instanceClass: String
  let instances: Int
  let subnetGroup: String
  let securityGroups: [String]
  let clusterParameterGroup: String?
  let parameterGroup: String?
  let port: Int?
  let kmsKey: String?
  let iamAuthentication: Bool
  let sharesProduction: String?

  init(from fields: FieldReader) {
    identifier = fields.optional(
      "identifier", .rdsIdentifier,
      "The name of the restored cluster; a drill always makes a name of its own.")
    instanceClass = fields.required("class", .instanceClass, "The class of its instances.")
    instances = fields.optional(
      "instances", .integer(1...15), default: 1, shownAs: 1,
      "How many instances it gets; the first is the writer.")
    subnetGroup = fields.required("subnetGroup", .text(upTo: 255), "The DB subnet group.")
    securityGroups = fields.required(
      "securityGroups", .list(of: .securityGroup, 1...5),
      "The VPC security groups; RDS would take the VPC's default group.")
    clusterParameterGroup = fields.optional(
      "clusterParameterGroup", .text(upTo: 255), "The DB cluster parameter group.")
    parameterGroup = fields.optional(
      "parameterGroup", .text(upTo: 255), "The DB parameter group of its instances.")
    port = fields.optional(
      "port", .integer(1_150...65_535), "The port; the engine's when left out.")
    kmsKey = fields.optional(
      "kmsKey", .text(upTo: 2_048),
      "The KMS key of its storage; the recovery point's when left out."
    )
    iamAuthentication = fields.optional(
      "iamAuthentication", .boolean, default: false, shownAs: false,
      "Whether IAM database authentication is on.")
    sharesProduction = fields.optional(
      "sharesProduction", .text(upTo: 500),
      "Why a drill may run in production's subnet group or security groups; else it refuses to.")
  }
}
