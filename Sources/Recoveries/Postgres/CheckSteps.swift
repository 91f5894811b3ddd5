import Platform
import PostgresClient
import RunEngine
import RunJournal
import StrictJSON

/// Runs a query against the restored data and holds its value against what the plan expects.
struct CheckQuery: ObservingStep {
  struct Output: Codable, Sendable {
    let value: String?
    let expected: String
  }

  static let kind = "postgres.check"
  static let phase = StepPhase.verify

  let name: String
  let check: SQLCheck
  let database: RestoredDatabase

  var summary: String { "check \(name): \(check.expectation)" }
  var calls: [PlannedCall] { [database.planned(check.query, database: check.database)] }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let value = try await database.client(context, database: check.database)
      .scalar(check.query, timeout: check.timeout)
    context.keep("query", .string(check.query))
    context.keep("value", value.map { .string($0) } ?? .null)
    context.keep("expected", .string(check.expectation.description))
    guard check.expectation.isSatisfied(by: value) else {
      throw Problem(
        "a check of the restored data does not hold", on: name,
        because: "the query gave \(value ?? "NULL"), and \(check.expectation) is expected",
        fix: "Look at the data: restore another recovery point, or correct the check in the plan.")
    }
    return .ready(Output(value: value, expected: check.expectation.description))
  }
}

/// Reads the newest heartbeat in the restored data: the RPO as the data itself shows it.
struct ReadHeartbeat: ObservingStep {
  struct Output: Codable, Sendable {
    let newest: Timestamp
  }

  static let kind = "postgres.heartbeat"
  static let phase = StepPhase.verify

  let name: String
  let check: HeartbeatCheck
  let database: RestoredDatabase

  var summary: String { "read the newest heartbeat in \(check.table)" }
  var calls: [PlannedCall] { [database.planned(check.query, database: check.database)] }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let value = try await database.client(context, database: check.database)
      .scalar(check.query, timeout: .seconds(60))
    guard let newest = value.flatMap(Timestamp.init(microsecondsText:)) else {
      throw Problem(
        "there is no heartbeat in the restored data", on: name,
        because: "\(check.table).\(check.column) has no value",
        fix: "Check that the heartbeat is written, and that the right recovery point was restored.")
    }
    context.note(
      Moment(
        .lastCommitted, of: context.component, at: newest, evidence: .measured,
        source: "newest \(check.table).\(check.column) in the restored data"))
    context.keep("newest", .string(newest.description))
    return .ready(Output(newest: newest))
  }
}

extension Timestamp {
  /// An instant as a query gives it: microseconds since 1970.
  init?(microsecondsText text: String) {
    guard let microseconds = Int64(text),
      case let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1_000),
      !overflow
    else { return nil }
    self.init(nanoseconds: nanoseconds)
  }
}
