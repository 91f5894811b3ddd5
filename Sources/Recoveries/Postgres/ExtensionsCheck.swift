import Platform
import PostgresClient
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// `extensions`: extensions that must be there.
struct ExtensionsCheck: PlanObject {
  let present: [String]
  let database: String?

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    present = fields.required(
      "present",
      .list(
        of: .matching(
          "the name of an extension", pattern: "^[a-z_][a-z0-9_-]{0,62}$",
          example: "pg_stat_statements"
        ) { text in
          (1...63).contains(text.count) && text.first?.isNumber == false && text.first != "-"
            && text.utf8.allSatisfy { $0.isLowercaseOrDigit || $0 == 0x5F || $0 == 0x2D }
        }, 1...100), "Their names.")
    database = fields.optional("database", .text(upTo: 63), "Another database than access names.")
  }

  /// How many of them there are.
  var query: String {
    let names = present.map { "'\($0)'" }.joined(separator: ", ")
    return "select count(*) from pg_extension where extname in (\(names))"
  }

  func holds(_ value: String?) -> Bool { value == String(Set(present).count) }
}

/// Checks that a database has its extensions.
struct CheckExtensions: ObservingStep {
  struct Output: Codable, Sendable {
    let present: [String]
  }

  static let kind = "postgres.extensions"
  static let phase = StepPhase.verify

  let name: String
  let check: ExtensionsCheck
  let database: RestoredDatabase

  var summary: String { "check that the extensions are there" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let text = try await database.client(context, database: check.database).scalar(
      "select string_agg(extname, ',' order by extname) from pg_extension", timeout: .seconds(60))
    let found = (text ?? "").split(separator: ",").map(String.init)
    let missing = check.present.filter { !found.contains($0) }
    guard missing.isEmpty else {
      throw Problem(
        "extensions are missing in the restored database", on: name,
        because: "there is no \(missing.joined(separator: ", "))",
        fix: "Restore a recovery point that has them, or correct the check in the plan.")
    }
    return .ready(Output(present: found))
  }
}
