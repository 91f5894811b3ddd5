import Foundation
import RecoveryPlan
import Testing

@testable import Recoveries

/// Whether what checks log in with is there before a database is brought back.
@Suite struct LoginCheckTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("-----BEGIN CERTIFICATE-----\n".utf8).write(to: folder.appending(path: "ca.pem"))
    try Data("secret\n".utf8).write(to: folder.appending(path: "password"))
    try Data("\n".utf8).write(to: folder.appending(path: "empty"))
  }

  private func rows(
    _ login: String, _ environment: [String: String]
  ) throws -> [String: ReadinessRow.Verdict] {
    let plan = try #require(
      readPlan(
        """
        name: db
        rds:
          instance: a
          recoverFrom: pointInTime
          target: {subnetGroup: s, securityGroups: [sg-0d4d4d4d4d4d4d4d4]}
          access: {database: a, user: b\(login.replacing("FOLDER", with: folder.path))}
        verify:
          - sql: {name: a, query: "select 1", expect: 1}
        """
      ).plan)
    let spec = try #require(plan.components.first?.spec as? RDSComponent)
    let environment = environment.mapValues { $0.replacing("FOLDER", with: folder.path) }
    let check = CheckLogin(component: "db", access: spec.access, environment: environment)
    #expect(check.rows.allSatisfy { ($0.verdict == .ready) == ($0.fix == nil) })
    return Dictionary(uniqueKeysWithValues: check.rows.map { ($0.check, $0.verdict) })
  }

  @Test(arguments: [
    (", password: {env: PW}", ["PW": "x"], ReadinessRow.Verdict.ready),
    (", password: {env: PW}", [:], .notReady),
    (", password: {env: PW}", ["PW": ""], .notReady),
    (", password: {file: FOLDER/password}", [:], .ready),
    (", password: {file: FOLDER/absent}", [:], .notReady),
    (", password: {file: FOLDER/empty}", [:], .notReady),
    // libpq may need none.
    ("", [:], .warning), ("", ["PGPASSWORD": "x"], .ready),
    ("", ["PGPASSFILE": "FOLDER/password"], .ready), ("", ["PGPASSFILE": "FOLDER/no"], .warning),
  ])
  func thePassword(
    login: String, environment: [String: String], verdict: ReadinessRow.Verdict
  ) throws {
    #expect(try rows(login, environment)["password"] == verdict)
  }

  @Test func aTokenTakesThePasswordsPlace() throws {
    #expect(try rows(", iam: true", [:])["password"] == nil)
  }

  @Test(arguments: [
    ("", ["PGSSLROOTCERT": "FOLDER/ca.pem"], ReadinessRow.Verdict.ready),
    ("", ["PGSSLROOTCERT": "FOLDER/absent"], .notReady),
    ("", ["PGSSLROOTCERT": "FOLDER/password"], .notReady),
    ("", ["PGSSLROOTCERT": "system"], .ready),
    ("", ["HOME": "FOLDER"], .notReady),
    (", rootCertificate: FOLDER/ca.pem", ["PGSSLROOTCERT": "FOLDER/absent"], .ready),
    (", rootCertificate: FOLDER/absent", ["PGSSLROOTCERT": "FOLDER/ca.pem"], .notReady),
  ])
  func theRootCertificate(
    login: String, environment: [String: String], verdict: ReadinessRow.Verdict
  ) throws {
    #expect(try rows(login, environment)["root certificate"] == verdict)
  }
}
