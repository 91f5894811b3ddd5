import PositionedYAML
public import RecoveryPlan
import StrictJSON

/// `rds`: a PostgreSQL database on Amazon RDS.
public struct RDSComponent: PlanObject {
  let instance: String
  let recoverFrom: RDSRecoverySource
  let mustBeEncrypted: Bool
  let target: RDSTarget
  let settings: RDSSettings?
  let access: DatabaseAccess
  let timeouts: RDSTimeouts

  /// Reads the fields.
  public init(from fields: FieldReader) {
    instance = fields.required(
      "instance", .rdsIdentifier, "The identifier of the instance that is lost.")
    recoverFrom = fields.optional(
      "recoverFrom", .recoverySource, default: .pointInTime, shownAs: "pointInTime",
      "What it is brought back from: pointInTime, latestSnapshot, or {snapshot: IDENTIFIER}.")
    mustBeEncrypted =
      fields.optional(
        "encrypted", .choice(["required", "any"]), default: "any", shownAs: "any",
        "Whether a recovery point that is not encrypted is refused.") == "required"
    target = fields.required("target", .object(RDSTarget.self), "Where and how it is made.")
    settings = fields.optional(
      "settings", .object(RDSSettings.self), "What a restore does not carry over.")
    access = fields.required("access", .object(DatabaseAccess.self), "How checks log in.")
    timeouts = fields.optional(
      "timeouts", .object(RDSTimeouts.self), default: RDSTimeouts(), shownAs: [:],
      "Bounds on the waits.")
  }
}

/// `rds.recoverFrom`
enum RDSRecoverySource: Sendable, Equatable {
  case pointInTime, latestSnapshot
  case snapshot(String)
}

extension FieldType where Value == RDSRecoverySource {
  static var recoverySource: FieldType {
    FieldType(
      schema: [
        "anyOf": [
          ["enum": ["pointInTime", "latestSnapshot"]],
          [
            "type": "object", "required": ["snapshot"], "additionalProperties": false,
            "properties": ["snapshot": ["type": "string"]],
          ],
        ]
      ], sample: .pointInTime
    ) { node, sink in
      switch (node.text, node.entries) {
      case ("pointInTime", _): return .pointInTime
      case ("latestSnapshot", _): return .latestSnapshot
      case (_, .some(let entries)) where entries.count == 1 && entries[0].key == "snapshot":
        if let name = entries[0].value.text, (1...255).contains(name.count) {
          return .snapshot(name)
        }
      default: break
      }
      sink.report(
        "'\(node.text ?? "this")' is no source to recover from", at: node.position,
        fix: "Write pointInTime, latestSnapshot, or {snapshot: IDENTIFIER}.")
      return nil
    }
  }
}

extension FieldType where Value == String {
  /// RDS: 1 to 63 letters, digits and hyphens, a letter first, no two hyphens in a row.
  static var rdsIdentifier: FieldType {
    .matching(
      "an RDS identifier (letters, digits and single hyphens, a letter first, at most 63)",
      pattern: "^[a-zA-Z](-?[a-zA-Z0-9]){0,62}$", example: "mosaic-prod-core"
    ) { text in
      text.count <= 63 && text.first?.isLetter == true && text.last != "-" && !text.contains("--")
        && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }
  }
}
