import AWSClient
import Platform
import PostgresClient
import RunEngine
import RunJournal
import StrictJSON

/// How a step reaches the database that an earlier step restored.
struct RestoredDatabase: Sendable {
  let access: DatabaseAccess
  let restoreStep: String
  let environment: [String: String]
  /// Signs logins where the plan says that IAM lets in.
  let aws: AWSClient
  /// Where the database is.
  let region: String

  func client(_ context: StepContext, database: String? = nil) async throws -> PostgresClient {
    try await client(
      to: try context.output(of: restoreStep, as: InstanceRecord.self), database: database)
  }

  /// The same way in to another instance, such as the one that is lost.
  func client(
    to instance: InstanceRecord, database: String? = nil
  ) async throws -> PostgresClient {
    var target = try access.target(of: instance, database: database, environment: environment)
    if access.usesIAM {
      // Good for fifteen minutes: a new one for each connection.
      target.password = try await aws.databaseToken(
        host: instance.address, port: instance.port, user: access.user, region: instance.region)
    }
    return PostgresClient(target)
  }
}

extension RestoredDatabase {
  /// How a person lets psql know the password: not in a command, which others see.
  var plannedLogin: [PlannedCall] {
    if access.usesIAM { return [plannedToken] }
    guard let password = access.password else { return [] }
    let place = password.variable.map { "${\($0)}" } ?? "$(head -n 1 \(password.file ?? ""))"
    return [
      PlannedCall(
        "postgres login", in: "the shell", effect: .reads, permissions: [],
        command: ["export", "PGPASSWORD=<\(place)>"])
    ]
  }

  /// The login by a token: a permission, and no call.
  private var plannedToken: PlannedCall {
    let resource = AWSResource.regional("rds-db", "dbuser:*/\(access.user)").pattern(in: region)
    return PlannedCall(
      "rds-db:connect", in: region, effect: .reads,
      permissions: [CallPermission(.aws, "rds-db:connect", on: [resource])],
      command: [
        "export",
        "PGPASSWORD=<$(aws rds generate-db-auth-token --region \(region) --hostname ${address} "
          + "--port ${port} --username \(access.user))>",
      ])
  }

  /// The same query as a person makes it; the password comes from where libpq finds it.
  func planned(_ query: String, database: String? = nil) -> PlannedCall {
    let certificate = access.rootCertificate.map { " sslrootcert=\($0)" } ?? ""
    return PlannedCall(
      "postgres", in: "the restored database", effect: .reads, permissions: [],
      command: [
        "psql", "--no-psqlrc", "--tuples-only", "--no-align",
        "host=<address> port=<port> dbname=\(database ?? access.database) user=\(access.user) "
          + "sslmode=verify-full\(certificate)",
        "--command", query,
      ])
  }
}

/// Waits until the database answers a query over TLS: only then is it usable.
struct ConnectDatabase: ObservingStep {
  struct Output: Codable, Sendable {
    let serverVersion: String
  }

  static let kind = "postgres.connect"
  static let phase = StepPhase.verify

  let database: RestoredDatabase

  var summary: String { "wait until the database answers SELECT 1" }
  var calls: [PlannedCall] { database.plannedLogin + [database.planned("select 1")] }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let client = try await database.client(context)
    do {
      _ = try await client.scalar("select 1", timeout: .seconds(10))
      let version = try await client.scalar("show server_version", timeout: .seconds(10)) ?? ""
      context.note(
        Moment(
          .usable, of: context.component, at: context.time.now().wall, evidence: .measured,
          source: "SELECT 1 answered"))
      context.keep("server_version", .string(version))
      return .ready(Output(serverVersion: version))
    } catch let error as PostgresError where error.isTransient {
      return .waiting(Progress("\(error.summary): \(error.detail)"))
    }
  }
}
