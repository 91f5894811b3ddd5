import Platform
import PostgresClient
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// `warm`: a query that must be fast again. Storage restored from a snapshot is loaded as it is
/// touched, so that the first reads of a restored instance are slow (Amazon RDS User Guide,
/// "Restoring to a DB instance").
struct WarmCheck: PlanObject {
  let query: String
  let within: Duration
  let database: String?
  let longestWait: Duration

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    query = fields.required(
      "query", .lines(upTo: 10_000), "One statement that touches what users need first.")
    within = fields.required("within", .duration, "How long it may take once the data is warm.")
    database = fields.optional("database", .text(upTo: 63), "Another database than access names.")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(3_600), shownAs: "1h",
      "The bound on the wait; then the check has failed.")
  }
}

/// Repeats a query until it is fast several times in a row.
struct AwaitWarm: ObservingStep {
  struct Output: Codable, Sendable {
    let milliseconds: Int64
  }

  static let kind = "postgres.warm"
  static let phase = StepPhase.verify
  /// How often in a row the query must be fast.
  static let confirmations = 3

  let name: String
  let check: WarmCheck
  let database: RestoredDatabase
  private let streak = Streak()

  init(name: String, check: WarmCheck, database: RestoredDatabase) {
    self.name = name
    self.check = check
    self.database = database
  }

  var summary: String { "wait until \(name) takes at most \(check.within.readable)" }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let client = try await database.client(context, database: check.database)
    let began = context.time.now().sinceBoot
    _ = try await client.scalar(check.query, timeout: .seconds(600))
    let took = Duration.nanoseconds(context.time.now().sinceBoot - began)
    context.keep("query", .string(check.query))
    context.keep("milliseconds", .integer(took.wholeMilliseconds))
    guard took <= check.within else {
      streak.reset()
      return .waiting(Progress("the query takes \(took.readable)"))
    }
    guard streak.extend() >= Self.confirmations else {
      return .waiting(Progress("fast, confirming", isNear: true))
    }
    context.note(
      Moment(
        .warm, of: context.component, at: context.time.now().wall, evidence: .measured,
        source: "\(name) took \(took.readable)"))
    return .ready(Output(milliseconds: took.wholeMilliseconds))
  }
}
