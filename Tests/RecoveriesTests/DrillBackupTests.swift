import AWSClient
import HTTPClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal
import Testing

@testable import Recoveries

/// For how long the backups of what a run makes are kept.
@Suite struct DrillBackupTests {
  private static let access = "access: {database: d, user: u, password: {env: P}}"

  /// The days of each call that asks for any, by action.
  private func days(
    _ kind: String, _ fields: String, _ mode: RunMode
  ) throws -> [String: String] {
    let (read, diagnostics) = readPlan("name: core\n\(kind): {\(fields), \(Self.access)}")
    let plan = try #require(read, "\(diagnostics.map(\.rendered))")
    let environment = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
    let (time, random) = (SystemTime(), SystemRandom())
    let client = AWSClient(
      settings: try AWSSettings(environment: environment), http: HTTPClient(),
      credentials: CredentialChain([EnvironmentCredentials(environment: environment)]),
      time: time, random: random, version: "0")
    let lowering = Lowering(
      plan: plan, mode: mode, run: ULID(at: time.now().wall, random: random),
      pointInTime: nil, client: client, environment: [:],
      clusters: ClusterDirectory(
        http: HTTPClient(), environment: [:], time: time, random: random, version: "0"))
    return try lowering.nodes().flatMap(\.calls).reduce(into: [:]) { found, call in
      guard let option = call.command.firstIndex(of: "--backup-retention-period") else { return }
      found[call.command[2]] = call.command[option + 1]
    }
  }

  private func instance(
    _ from: String, _ mode: RunMode, settings: String = ""
  ) throws -> [String: String] {
    let target = "target: {subnetGroup: dr, securityGroups: [sg-1]}"
    return try days("rds", "instance: core, recoverFrom: \(from), \(target)\(settings)", mode)
  }

  private func cluster(
    _ from: String, _ mode: RunMode, settings: String = ""
  ) throws -> [String: String] {
    let target = "target: {subnetGroup: dr, securityGroups: [sg-1], class: db.r6g.large}"
    return try days("aurora", "cluster: core, recoverFrom: \(from), \(target)\(settings)", mode)
  }

  @Test(arguments: [
    ("pointInTime", "restore-db-instance-to-point-in-time"),
    ("latestSnapshot", "restore-db-instance-from-db-snapshot"),
    ("{replica: standby}", "promote-read-replica"),
    ("{awsBackup: {role: \"arn:aws:iam::123456789012:role/backup\"}}", "modify-db-instance"),
  ])
  func aDrillsCopyKeepsNoneThatThePlanDoesNotState(from: String, action: String) throws {
    #expect(try instance(from, .drill)[action] == "0")
    let stated = ", settings: {backupRetention: 3}"
    #expect(try instance(from, .drill, settings: stated)[action] == "3")
    #expect(try instance(from, .restore) == [:])
  }

  @Test func aReplicaIsMadeWithoutBackupsAnyway() throws {
    #expect(
      try instance("{replica: standby}", .drill)["create-db-instance-read-replica"] == nil)
  }

  /// An Aurora cluster's backups cannot be turned off.
  @Test(arguments: [
    ("pointInTime", "restore-db-cluster-to-point-in-time"),
    ("latestSnapshot", "restore-db-cluster-from-snapshot"),
  ])
  func aDrillsClusterKeepsThemForADay(from: String, action: String) throws {
    #expect(try cluster(from, .drill)[action] == "1")
    let stated = ", settings: {backupRetention: 3}"
    #expect(try cluster(from, .drill, settings: stated)[action] == "3")
    #expect(try cluster(from, .restore) == [:])
  }
}
