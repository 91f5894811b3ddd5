import Platform
import PostgresClient
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// `amcheck`: every B-tree index is whole and agrees with its table.
struct IntegrityCheck: PlanObject {
  let timeout: Duration
  let database: String?

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    timeout = fields.optional(
      "timeout", .duration, default: .seconds(3_600), shownAs: "1h", "The bound on the check.")
    database = fields.optional("database", .text(upTo: 63), "Another database than access names.")
  }
}

/// Reads every B-tree index and its table with the extension amcheck (PostgreSQL documentation,
/// "amcheck"), where it is installed and the role may use it.
struct CheckIntegrity: ObservingStep {
  struct Output: Codable, Sendable {
    /// Nil when it could not be checked.
    let indexes: Int?
  }

  static let kind = "postgres.amcheck"
  static let phase = StepPhase.verify
  /// What the server says when an index is damaged.
  private static let damaged = ["XX001", "XX002"]

  private static let query = """
    select count(bt_index_check(c.oid, true)::text) from pg_index i
      join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
      where a.amname = 'btree' and c.relpersistence = 'p' and i.indisready and i.indisvalid
    """

  let name: String
  let check: IntegrityCheck
  let database: RestoredDatabase

  var summary: String { "check every index against its table" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let client = try await database.client(context, database: check.database)
    let installed = try await client.scalar(
      "select 1 from pg_extension where extname = 'amcheck'", timeout: .seconds(60))
    guard installed != nil else {
      return unchecked("the extension amcheck is not installed in the database", context)
    }
    do {
      let text = try await client.scalar(Self.query, timeout: check.timeout)
      return .ready(Output(indexes: text.flatMap { Int($0) }))
    } catch let error as PostgresError where error.sqlState == "42501" {
      return unchecked("the role may not use it: \(error.detail)", context)
    } catch let error as PostgresError where Self.damaged.contains(error.sqlState ?? "") {
      throw Problem(
        "an index of the restored database is damaged", on: name, because: error.reason,
        fix: "Restore another recovery point; rebuild the index (REINDEX) only when its table is "
          + "known to be whole.")
    }
  }

  private func unchecked(_ reason: String, _ context: StepContext) -> Observation<Output> {
    context.note(Finding(.exception, "\(name): the indexes were not checked, since \(reason)."))
    return .ready(Output(indexes: nil))
  }
}
