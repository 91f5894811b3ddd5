import Platform
import PositionedYAML
import StrictJSON

/// `metadata`
struct PlanMetadata: PlanObject {
  let name: String
  let owner: String?
  let tags: [String: String]

  init(from fields: FieldReader) {
    name = fields.required("name", .label(upTo: 63), "The plan's name, as commands use it.")
    owner = fields.optional("owner", .text(upTo: 200), "Who answers for the plan.")
    tags = fields.optional(
      "tags", .tags, default: [:], shownAs: [:],
      "AWS tags that everything made by a run carries, beside the run's own.")
  }
}

/// `spec`, without the components: they are read by kind.
struct PlanSpec {
  let rto: Duration?
  let rpo: Duration?
  let regions: PlanRegions
  let approvals: PlanApprovals?

  init(from fields: FieldReader) {
    let objectives = fields.required(
      "objectives", .object(PlanObjectives.self), "What the recovery has to achieve.")
    rto = objectives.rto
    rpo = objectives.rpo
    regions = fields.required("regions", .object(PlanRegions.self), "The two regions.")
    approvals = fields.optional(
      "approvals", .object(PlanApprovals.self), "How many people must agree.")
  }
}

/// `spec.objectives`
struct PlanObjectives: PlanObject {
  let rto: Duration?
  let rpo: Duration?

  init(from fields: FieldReader) {
    rto = fields.optional("rto", .duration, "The longest time until service is back.")
    rpo = fields.optional("rpo", .duration, "The most data, as a length of time, that may be lost.")
    if rto == nil, rpo == nil {
      fields.report("there is no objective", in: "rto", fix: "Add 'rto', 'rpo' or both.")
    }
  }
}

/// `spec.regions`
struct PlanRegions: PlanObject {
  let primary: String
  let recovery: String

  init(from fields: FieldReader) {
    primary = fields.required("primary", .region, "The region that is lost.")
    recovery = fields.required("recovery", .region, "The region that things are brought back in.")
  }
}

/// `spec.approvals`
struct PlanApprovals: PlanObject {
  let restore: Int
  let drill: Int

  init(from fields: FieldReader) {
    restore = fields.optional(
      "restore", .integer(0...10), default: 0, shownAs: 0,
      "How many people must agree before a restore changes anything.")
    drill = fields.optional(
      "drill", .integer(0...10), default: 0, shownAs: 0,
      "How many people must agree before a drill changes anything.")
  }
}

extension FieldType where Value == String {
  /// The name of an AWS region.
  static var region: FieldType {
    .matching(
      "the name of an AWS region", pattern: "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$",
      example: "us-west-2"
    ) { text in
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      let number = parts[parts.count - 1]
      return parts.count >= 3 && (2...4).contains(parts[0].count)
        && parts.dropLast().allSatisfy { !$0.isEmpty && $0.allSatisfy { ("a"..."z").contains($0) } }
        && (1...2).contains(number.count) && number.utf8.allSatisfy(\.isDigit)
    }
  }
}

extension FieldType where Value == [String: String] {
  /// AWS tags: at most 40, since a run adds its own to the 50 that AWS allows.
  static var tags: FieldType {
    FieldType(
      schema: [
        "type": "object", "maxProperties": 40,
        "additionalProperties": ["type": "string", "maxLength": 256],
      ],
      sample: [:]
    ) { node, sink in
      guard let entries = node.entries, entries.count <= 40 else {
        sink.report(
          "\(node.shown) stands where at most 40 tags are expected", at: node.position,
          fix: "Write {Key: value, …}.")
        return nil
      }
      var tags: [String: String] = [:]
      for entry in entries {
        let isReserved = ["aws:", "mosaic-dr:"].contains { entry.key.lowercased().hasPrefix($0) }
        guard !isReserved, !entry.key.isEmpty, isTagText(entry.key, upTo: 128),
          let value = entry.value.string, isTagText(value, upTo: 256)
        else {
          sink.report(
            "'\(entry.key.prefix(60))' is not a tag that can be given", at: entry.keyPosition,
            fix: "Use a key of 1 to 128 characters outside 'aws:' and 'mosaic-dr:', and a text "
              + "(quoted if it looks like a number); letters, digits, spaces and _ . : / = + - @.")
          continue
        }
        tags[entry.key] = value
      }
      return tags
    }
  }
}

/// What AWS takes in a tag: letters, digits, spaces and `_ . : / = + - @`
/// (AWS General Reference, "Tag naming limits and requirements").
private func isTagText(_ text: String, upTo limit: Int) -> Bool {
  text.unicodeScalars.count <= limit
    && text.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || " _.:/=+-@".unicodeScalars.contains(scalar)
    }
}
