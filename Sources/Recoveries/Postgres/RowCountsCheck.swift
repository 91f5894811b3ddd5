import Platform
import PostgresClient
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// `rowCounts`: as many rows as the source has, or as the last run found.
struct RowCountsCheck: PlanObject {
  let tables: [String]
  /// `source`, or `lastRun`.
  let baseline: String
  /// How many percent may be missing: the source goes on after the recovery point.
  let tolerance: Int
  let database: String?

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    tables = fields.required(
      "tables", .list(of: .sqlName, 1...200), "The tables, with their schema if need be.")
    baseline = fields.optional(
      "against", .choice(["source", "lastRun"]), default: "source", shownAs: "source",
      "What is compared with: the instance that is lost, while it answers, or the last run.")
    tolerance = fields.optional(
      "within", .integer(0...100), default: 1, shownAs: 1, "How many percent may be missing.")
    database = fields.optional("database", .text(upTo: 63), "Another database than access names.")
  }
}

/// Counts the rows of tables, and holds them against the source's or those of the last run.
struct CountRows: ObservingStep {
  struct Output: Codable, Sendable {
    let counts: [String: Int64]
  }

  static let kind = "postgres.row-counts"
  static let phase = StepPhase.verify
  static let bound: Duration = .seconds(600)

  let name: String
  let check: RowCountsCheck
  let database: RestoredDatabase
  /// The step that looked at the instance that is lost; nil when there is none.
  let sourceStep: String?
  let earlier: EarlierOutputs

  var summary: String { "count the rows of \(check.tables.joined(separator: ", "))" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let counts = try await counts(
      through: try await database.client(context, database: check.database))
    context.keep("counts", try JSONValue(encoding: counts))
    guard let (expected, from) = try await baseline(context) else {
      context.note(
        Finding(
          .warning,
          "\(name): there is nothing to hold the row counts against yet; they are kept for the "
            + "next run."))
      return .ready(Output(counts: counts))
    }
    let missing = check.tables.compactMap { table -> String? in
      guard let wanted = expected[table], let found = counts[table] else { return nil }
      let least = wanted - wanted * Int64(check.tolerance) / 100
      return found < least ? "\(table) has \(found) rows, and \(from) \(wanted)" : nil
    }
    guard missing.isEmpty else {
      throw Problem(
        "rows are missing in the restored data", on: name,
        because: missing.joined(separator: "; "),
        fix: "Restore a later recovery point, or look why the rows are gone at the source.")
    }
    return .ready(Output(counts: counts))
  }

  private func counts(through client: PostgresClient) async throws -> [String: Int64] {
    var counts: [String: Int64] = [:]
    for table in check.tables {
      let text = try await client.scalar("select count(*) from \(table)", timeout: Self.bound)
      counts[table] = text.flatMap { Int64($0) } ?? 0
    }
    return counts
  }

  /// The source's counts while it answers, else those of the last run.
  private func baseline(_ context: StepContext) async throws -> (
    counts: [String: Int64], from: String
  )? {
    if check.baseline == "source", let step = sourceStep,
      let source = try context.output(of: step, as: ReadSource.Output.self).source?.instance
    {
      do {
        let client = try await database.client(to: source, database: check.database)
        return (try await counts(through: client), "the source")
      } catch let error as PostgresError {
        context.note(
          Finding(
            .note,
            "\(name): the source cannot be counted (\(error.summary)); the last run counts."))
      }
    }
    return try await earlier.output(of: context.step, as: Output.self).map {
      ($0.counts, "the last run")
    }
  }
}
