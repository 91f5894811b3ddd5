import Platform
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
      "The way back; the ways that take options are listed below.")
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

extension FieldType where Value == String {
  /// A snapshot's identifier (`rds:` before an automated one's) or its ARN.
  static var snapshotIdentifier: FieldType {
    .matching(
      "the identifier or the ARN of a DB snapshot",
      pattern:
        "^(arn:[a-z0-9-]+:rds:[a-z0-9-]+:[0-9]{12}:snapshot:|)(rds:)?[a-zA-Z](-?[a-zA-Z0-9])*$",
      example: "rds:mosaic-prod-core-2026-01-31-06-10"
    ) { text in
      var name = Substring(text)
      if text.hasPrefix("arn:") {
        let parts = text.split(separator: ":", maxSplits: 6, omittingEmptySubsequences: false)
        guard parts.count == 7, parts[2] == "rds", parts[5] == "snapshot", !parts[3].isEmpty,
          parts[4].count == 12, parts[4].utf8.allSatisfy(\.isDigit)
        else { return false }
        name = parts[6]
      }
      if name.hasPrefix("rds:") { name = name.dropFirst(4) }
      return isRDSName(name, upTo: 255)
    }
  }

  /// RDS: 1 to 63 letters, digits and hyphens, a letter first, no two hyphens in a row.
  static var rdsIdentifier: FieldType {
    .matching(
      "an RDS identifier (letters, digits and single hyphens, a letter first, at most 63)",
      pattern: "^[a-zA-Z](-?[a-zA-Z0-9]){0,62}$", example: "mosaic-prod-core"
    ) { isRDSName(Substring($0), upTo: 63) }
  }
}

/// Letters, digits and single hyphens, a letter first and no hyphen last.
private func isRDSName(_ name: Substring, upTo limit: Int) -> Bool {
  name.count <= limit && name.first?.isLetter == true && name.last != "-" && !name.contains("--")
    && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
}
