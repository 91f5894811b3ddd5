import Platform
import PositionedYAML
import StrictJSON

/// `metadata`
struct PlanMetadata: PlanObject {
  let name: String
  let owner: String?
  let tags: [String: String]

  init(from fields: FieldReader) {
    name = fields.required(
      "name", .label(upTo: 63),
      "The plan's name; its file must be NAME.yaml, since `--plan NAME` and timers look for that file."
    )
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
  let schedule: PlanSchedule?
  let timeout: Duration
  let includes: [Inclusion]
  let scenario: String?
  let controls: [String]

  init(from fields: FieldReader) {
    let objectives = fields.required(
      "objectives", .object(PlanObjectives.self), "What the recovery has to achieve.")
    rto = objectives.rto
    rpo = objectives.rpo
    regions = fields.required("regions", .object(PlanRegions.self), "The two regions.")
    approvals = fields.optional(
      "approvals", .object(PlanApprovals.self), "How many people must agree.")
    schedule = fields.optional("schedule", .object(PlanSchedule.self), "When drills are due.")
    timeout = fields.optional(
      "timeout", .duration, default: .seconds(86_400), shownAs: "1d",
      "The bound on a whole run; then what has not begun is given up, and a drill cleans up.")
    includes = fields.optional(
      "include", .list(of: .object(Inclusion.self), 1...100), default: [], shownAs: [],
      "Other plans that are part of this one, so that they are one run.")
    scenario = fields.optional(
      "scenario", .text(upTo: 500), "What is supposed to have happened, for the report.")
    controls = fields.optional(
      "controls", .list(of: .control, 0...50), default: [], shownAs: [],
      "Further controls that a run is evidence for, beside those that every report names.")
  }
}

/// `spec.objectives`
struct PlanObjectives: PlanObject {
  let rto: Duration?
  let rpo: Duration?

  init(from fields: FieldReader) {
    rto = fields.optional("rto", .duration, "The longest time until service is back.")
    rpo = fields.optional("rpo", .duration, "The most data, as a length of time, that may be lost.")
    fields.atLeastOne(of: ["rto", "rpo"], "objective")
  }
}

/// `spec.regions`
struct PlanRegions: PlanObject {
  let primary: String
  let recovery: String

  init(from fields: FieldReader) {
    primary = fields.required("primary", .region, "The region that is lost.")
    recovery = fields.required("recovery", .region, "The region that things are brought back in.")
    if primary == recovery {
      fields.warn(
        "the recovery region is the primary region", in: "recovery",
        fix: "Name another region: what takes a region away takes both.")
    }
  }
}

/// `spec.schedule`
struct PlanSchedule: PlanObject {
  let schedule: DrillSchedule

  init(from fields: FieldReader) {
    let every = fields.required(
      "every", .choice(DrillSchedule.Period.allCases.map(\.rawValue)),
      "How often a drill is due: once in each day, week (from Monday), month, quarter, year.")
    let window = fields.optional(
      "window", .window,
      "When it may begin, `Sat 06:00-10:00 UTC` or `06:00-10:00 UTC`; in the first such hours of the period it is due."
    )
    let blackouts = fields.optional(
      "blackouts", .list(of: .blackout, 0...50), default: [], shownAs: [],
      "Days on which none may begin, UTC, both ends included: `12-19/01-04` each year, `2026-12-19/2027-01-04` once."
    )
    schedule = DrillSchedule(
      every: DrillSchedule.Period(rawValue: every) ?? .quarter, window: window,
      blackouts: blackouts)
    if schedule.every == .day, window?.weekday != nil {
      fields.report(
        "a drill is due every day, and may begin on one day of the week only", in: "window",
        fix: "Write the hours alone, or 'every: week'.")
    }
  }
}

/// An element of `spec.include`
struct Inclusion: PlanObject {
  let plan: String
  let dependsOn: [Located]
  let place: SourcePosition

  init(from fields: FieldReader) {
    plan = fields.required("plan", .label(upTo: 63), "The plan's name, which is its file's too.")
    dependsOn = fields.optional(
      "dependsOn", .list(of: .located, 0...100), default: [], shownAs: [],
      "Components and included plans that must be back first.")
    place = fields.place(of: "plan") ?? .start
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

/// A name, and where it stands.
struct Located: Sendable {
  let name: String
  let position: SourcePosition
}

extension FieldType where Value == Located {
  /// The name of a component or of an included plan.
  static var located: FieldType {
    let label = FieldType<String>.label(upTo: 63)
    return FieldType(schema: label.schema(), sample: Located(name: "core-db", position: .start)) {
      node, sink in label.read(node, sink).map { Located(name: $0, position: node.position) }
    }
  }
}

extension FieldType where Value == DrillWindow {
  /// `06:00-10:00 UTC`, with a weekday before it or not.
  static var window: FieldType {
    .scalar(
      "a window such as 'Sat 06:00-10:00 UTC'",
      schema: [
        "type": "string",
        "pattern": .string(
          "^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([01][0-9]|2[0-3]):[0-5][0-9]-"
            + "([01][0-9]|2[0-3]):[0-5][0-9] UTC$"),
      ],
      sample: DrillWindow(text: "06:00-10:00 UTC", weekday: nil, opening: 360, minutes: 240),
      example: "Sat 06:00-10:00 UTC"
    ) { text, _ in DrillWindow(text) }
  }
}

extension FieldType where Value == Blackout {
  /// `12-19/01-04` of every year, or `2026-12-19/2027-01-04` once.
  static var blackout: FieldType {
    let days = "(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    return .scalar(
      "a span of days such as '12-19/01-04' or '2026-12-19/2027-01-04'",
      schema: [
        "type": "string",
        "pattern": .string("^(\(days)/\(days)|[0-9]{4}-\(days)/[0-9]{4}-\(days))$"),
      ],
      sample: Blackout(text: "12-19/01-04", days: .yearly(from: 1_219, to: 104)),
      example: "12-19/01-04"
    ) { text, _ in Blackout(text) }
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

extension FieldType where Value == String {
  /// A control of a framework: `SOC 2: CC7.5`.
  static var control: FieldType {
    .matching(
      "a framework and a control, such as 'SOC 2: CC7.5'", pattern: "^[^:;]{1,60}: [^:;]{1,60}$",
      example: "SOC 2: CC7.5"
    ) { text in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count == 2 && !text.contains(";") && (1...60).contains(parts[0].count)
        && parts[1].hasPrefix(" ") && (2...61).contains(parts[1].count)
    }
  }
}

extension FieldType where Value == [String: String] {
  /// AWS tags: at most 40, since a run adds its own to the 50 that AWS allows.
  public static var tags: FieldType {
    FieldType(
      schema: [
        "type": "object", "maxProperties": 40,
        "propertyNames": [
          "minLength": 1, "maxLength": 128,
          "pattern":
            "^(?![aA][wW][sS]:|[mM][oO][sS][aA][iI][cC]-[dD][rR]:)[\\p{Alphabetic}\\p{N} _.:/=+@-]*$",
        ],
        "additionalProperties": [
          "type": "string", "maxLength": 256, "pattern": "^[\\p{Alphabetic}\\p{N} _.:/=+@-]*$",
        ],
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
