import Foundation
import Platform
import Testing

@testable import PostgresClient

@Suite(WithPostgres()) struct PostgresClientTests {
  private func target(_ change: (inout PostgresTarget) -> Void = { _ in }) throws -> PostgresTarget
  {
    let server = try #require(PostgresServer.current)
    var target = PostgresTarget(
      host: "localhost", port: server.port, database: "postgres", user: "ada",
      password: Secret(PostgresServer.password), rootCertificate: server.authority,
      connectTimeout: .seconds(5))
    change(&target)
    return target
  }

  private func ask(
    _ sql: String, access: PostgresAccess = .readOnly, timeout: Duration = .seconds(10),
    _ change: (inout PostgresTarget) -> Void = { _ in }
  ) async throws -> String? {
    try await PostgresClient(try target(change)).scalar(sql, access: access, timeout: timeout)
  }

  private func refusal(
    _ sql: String = "select 1", timeout: Duration = .seconds(10),
    _ change: (inout PostgresTarget) -> Void = { _ in }
  ) async throws -> PostgresError {
    let client = PostgresClient(try target(change))
    let error = await #expect(throws: PostgresError.self) {
      try await client.scalar(sql, timeout: timeout)
    }
    let known = try #require(error)
    #expect(!"\(known) \(known.reason)".contains(PostgresServer.password))
    return known
  }

  @Test func theFirstColumnOfTheFirstRowCounts() async throws {
    #expect(try await ask("select 15") == "15")
    #expect(try await ask("select n, 'x' from t order by n desc") == "2")
    #expect(try await ask("select null") == nil)
    #expect(try await ask("select 1 where false") == nil)
    #expect(try await ask("select 'ä€😀'") == "ä€😀")
    #expect(
      try await ask("select ssl from pg_stat_ssl where pid = pg_backend_pid()") == "t")
  }

  @Test func readingCannotChangeAnything() async throws {
    let error = try await refusal("insert into w values (3)")
    #expect(error.kind == .statementRefused)
    #expect(error.sqlState == "25006")
    #expect(try await ask("insert into w values (3) returning n", access: .readWrite) == "3")
    #expect(try await ask("delete from w where n = 3", access: .readWrite) == nil)
  }

  @Test func aStatementHasItsBound() async throws {
    let error = try await refusal("select pg_sleep(30)", timeout: .milliseconds(300))
    #expect(error.kind == .interrupted)
    #expect(error.sqlState == "57014")
    #expect(!error.isTransient)
  }

  @Test func aWrongLoginIsToldFromAServerThatIsNotThere() async throws {
    #expect(try await refusal { $0.password = Secret("wrong") }.kind == .loginRefused)
    #expect(try await refusal { $0.database = "nothing" }.kind == .loginRefused)
    let gone = try await refusal { $0.port = 1 }
    #expect(gone.kind == .unreachable)
    #expect(gone.isTransient)
    #expect(gone.place == "ada@localhost:1/postgres")
  }

  @Test func theServersCertificateIsVerifiedWithItsName() async throws {
    // The certificate holds "localhost" alone.
    let name = try await refusal { $0.host = "127.0.0.1" }
    #expect(name.kind == .unreachable)
    #expect(name.detail.contains("certificate"), "\(name.detail)")
    let authority = try await refusal { $0.rootCertificate = "/etc/ssl/certs/ca-certificates.crt" }
    #expect(authority.detail.contains("certificate"), "\(authority.detail)")
  }

  @Test func aMistakeInTheStatementHasItsState() async throws {
    let error = try await refusal("select nothing from nowhere")
    #expect(error.sqlState == "42P01")
    #expect(error.reason.contains("SQLSTATE 42P01"))
    #expect(!error.detail.contains("\n"))
  }

  @Test(arguments: ["select reverse('yranac')::int", "do $$ begin raise 'canary'; end $$"])
  func theDataThatAStatementMetIsNotTold(sql: String) async throws {
    let error = try await refusal(sql)
    #expect(["22P02", "P0001"].contains(error.sqlState ?? ""))
    #expect(!"\(error)".contains("canary") && error.reason.contains("SQLSTATE"))
    // What kind of mistake it is, PostgreSQL's own name for it says.
    #expect(
      error.reason.contains("invalid_text_representation")
        || error.reason.contains("raise_exception"), "\(error.reason)")
  }

  @Test func manyQuestionsAtOnceEachHaveTheirAnswer() async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<20 {
        group.addTask { try await ask("select \(number)") == "\(number)" }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
