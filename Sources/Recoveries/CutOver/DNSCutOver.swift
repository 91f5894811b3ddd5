import Platform
import RecoveryPlan
import StrictJSON

/// `dns`: a record that is to lead to what was recovered.
struct DNSCutOver: PlanObject {
  let zone: String?
  let record: String
  /// `A` or `CNAME`.
  let type: String
  let value: String?
  let ttl: Duration
  let isPreMade: Bool
  let resolver: String?
  let timeout: Duration

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The step's name, unique in the component.")
    record = fields.required(
      "record", .hostName, "The record, fully qualified: core-db.mosaic.internal.")
    zone = fields.optional(
      "zone", .text(upTo: 255), "The hosted zone of Route 53, by name or identifier.")
    type = fields.optional(
      "type", .choice(["CNAME", "A"]), default: "CNAME", shownAs: "CNAME",
      "What the record holds: another name, or an address.")
    value = fields.optional(
      "value", .hostName, "What it is to hold; the address of what was recovered when left out.")
    ttl = fields.optional(
      "ttl", .duration, default: .seconds(30), shownAs: "30s",
      "For how long resolvers may keep the new value.")
    isPreMade = fields.optional(
      "preMade", .boolean, default: false, shownAs: false,
      "Whether a failover record is there already, which changes by its health check: then the record "
        + "is not edited, only waited for. Edits need Route 53's control plane, which is in one region."
    )
    resolver = fields.optional(
      "resolver", .text(upTo: 60),
      "The IPv4 address of the resolver that is asked; the system's when left out.")
    timeout = fields.optional(
      "timeout", .duration, default: .seconds(1_800), shownAs: "30m",
      "Until the record resolves to the new value.")
    if zone == nil, !isPreMade {
      fields.report(
        "the zone of the record is missing", in: "record",
        fix: "Add 'zone', or 'preMade: true' when a failover record is there already.")
    }
  }
}

extension FieldType where Value == String {
  /// A host name, or an IPv4 address, without a dot at its end.
  static var hostName: FieldType {
    .matching(
      "a host name", pattern: "^[a-zA-Z0-9_*]([a-zA-Z0-9_.-]{0,250}[a-zA-Z0-9])?$",
      example: "core-db.mosaic.internal"
    ) { text in
      text.utf8.count <= 252 && text.last.map { $0.isLetter || $0.isNumber } == true
        && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
          (1...63).contains(label.utf8.count)
            && label.utf8.allSatisfy {
              $0.isLowercaseOrDigit || (0x41...0x5A).contains($0)
                || [0x2A, 0x2D, 0x5F].contains($0)
            }
        }
    }
  }
}
