import Platform
import PositionedYAML
import RecoveryPlan
import StrictJSON

/// `sql`: a query whose single value must meet an expectation.
struct SQLCheck: PlanObject {
  let query: String
  let expectation: Expectation
  let timeout: Duration
  let database: String?

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    query = fields.required(
      "query", .lines(upTo: 10_000), "One statement; the first column of its first row counts.")
    expectation = fields.required("expect", .expectation, "What the value must be: '>= 1000'.")
    timeout = fields.optional(
      "timeout", .duration, default: .seconds(60), shownAs: "60s", "The bound on the statement.")
    database = fields.optional("database", .text(upTo: 63), "Another database than access names.")
  }
}

/// `heartbeat`: the newest row of a table that is written all the time tells the RPO.
struct HeartbeatCheck: PlanObject {
  let table: String
  let column: String
  let database: String?

  /// The newest instant in microseconds since 1970.
  var query: String {
    "select (extract(epoch from max(\(column))) * 1000000)::bigint from \(table)"
  }

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    table = fields.required("table", .sqlName, "The table, with its schema if need be.")
    column = fields.required(
      "column", .sqlName, "The column with the time of writing (timestamptz).")
    database = fields.optional("database", .text(upTo: 63), "Another database than access names.")
  }
}

extension FieldType where Value == Expectation {
  static var expectation: FieldType {
    FieldType(
      schema: ["type": ["string", "number", "boolean"]], sample: Expectation(samples: "0")
    ) { node, sink in
      if let text = node.text, text.utf8.count <= 1_000, let value = Expectation(text) {
        return value
      }
      sink.report(
        "this is no expectation that a value could meet", at: node.position,
        fix: "Write a value (15, true), or a comparison with a number: '>= 1000'.")
      return nil
    }
  }
}

extension FieldType where Value == String {
  /// A plain SQL identifier, so that a name in a plan can never be more than a name.
  static var sqlName: FieldType {
    .matching(
      "a plain SQL name", pattern: "^[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)?$",
      example: "dr_heartbeat"
    ) { text in
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      return (1...2).contains(parts.count)
        && parts.allSatisfy { part in
          (1...63).contains(part.count) && part.first?.isNumber == false
            && part.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x5F }
        }
    }
  }
}
