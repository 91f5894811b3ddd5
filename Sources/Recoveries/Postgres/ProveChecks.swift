import Platform
import PostgresClient
import RunEngine
import RunJournal
import StrictJSON

/// Runs every check of a component where it must fail: in an empty database, made for this beside
/// the restored one. A check that holds there too proves nothing, and that is a finding.
///
/// Only in drills: the empty database goes with the drill's copy.
struct ProveChecks: ChangingStep {
  struct Output: Codable, Sendable {
    let proven: [String]
    let worthless: [String]
  }

  static let kind = "postgres.prove-checks"
  static let phase = StepPhase.verify

  let queries: [(name: String, sql: String, holds: @Sendable (String?) -> Bool)]
  let database: RestoredDatabase

  var summary: String { "prove that each check fails on an empty database" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.creates, "an empty database on the drill's copy")]
  }

  func prepare(_ context: StepContext) async throws -> String? {
    queries.isEmpty ? nil : "mosaic_dr_empty_\(context.run.shortForm)"
  }

  func find(_ name: String, _ context: StepContext) async throws -> Existing<String> {
    // The name holds the run's random part: nobody else makes it.
    let found = try await database.client(context).scalar(
      "select 1 from pg_database where datname = '\(name)'", timeout: .seconds(30))
    return found == nil ? .absent : .ours(name)
  }

  func apply(_ name: String, _ context: StepContext) async throws -> String {
    _ = try await database.client(context).scalar(
      "create database \(name) template template0", access: .readWrite, timeout: .seconds(120))
    return name
  }

  func observe(
    _ intent: String, _ name: String, _ context: StepContext
  ) async throws -> Observation<Output> {
    let client = try await database.client(context, database: name)
    var proven: [String] = []
    var worthless: [String] = []
    for query in queries {
      let holds: Bool
      do {
        holds = query.holds(try await client.scalar(query.sql, timeout: .seconds(60)))
      } catch let error as PostgresError where error.kind == .statementRefused {
        // A table that is not there makes the check fail, as it should.
        holds = false
      }
      if holds { worthless.append(query.name) } else { proven.append(query.name) }
    }
    for check in worthless {
      context.note(
        Finding(.exception, "Check \(check) holds on an empty database too: it proves nothing."))
    }
    return .ready(Output(proven: proven, worthless: worthless))
  }

  func unchanged(_ context: StepContext) async throws -> Output {
    Output(proven: [], worthless: [])
  }
}
