import Foundation
import Testing

/// What a plan needs before it is run: preflight, permissions, and a region that is declared lost.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct ReadinessTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private struct Row: Decodable {
    let check: String
    let verdict: String
    let detail: String
    let fix: String?
  }

  private struct Preflight: Decodable {
    let ready: Bool
    let checks: [Row]
  }

  private func preflight(
    _ plan: String, _ options: String..., environment: [String: String] = [:]
  ) throws -> (status: Int32, found: Preflight) {
    let (process, output, _) = try tool.start(
      ["preflight", "--plan", plan, "--output", "json"] + options, environment: environment)
    process.waitUntilExit()
    let data = try Data(contentsOf: output)
    return (process.terminationStatus, try JSONDecoder().decode(Preflight.self, from: data))
  }

  @Test func aPlanThatIsReadyIsToldSoAndNothingIsChanged() throws {
    let before = try calls().count
    let (status, found) = try preflight(try tool.plan())
    #expect(status == 0, "\(found.checks.filter { $0.verdict != "ready" })")
    #expect(found.ready)
    let names = Set(found.checks.map(\.check))
    for name in [
      "credentials", "clock", "permissions", "age of the recovery point against the RPO", "KMS key",
      "instance class", "quotas", "security groups and subnets", "password", "root certificate",
    ] {
      #expect(names.contains(name), "\(name)")
    }
    let made = try calls().dropFirst(before)
    #expect(made.count > 6)
    #expect(
      made.allSatisfy { call in
        ["Describe", "Get", "Simulate"].contains { call.action?.hasPrefix($0) ?? false }
      })
  }

  @Test func whatIsNotReadyIsNamedWithItsFix() throws {
    _ = try tool.lab("faults", "add", #"{"kind": "quota", "name": "DBInstances", "max": 0}"#)
    let plan = try tool.plan([
      "rpo: 5m": "rpo: 1s", "class: db.r6g.large": "class: db.x2g.metal",
      "[sg-0d4d4d4d4d4d4d4d4]": "[sg-0123456789abcdef0]", "dr-private": "dr-absent",
      "parameterGroup: mosaic-pg15": "parameterGroup: mosaic-absent",
    ])
    let (status, found) = try preflight(plan)
    #expect(status == 7)
    let wrong = found.checks.filter { $0.verdict == "not_ready" }
    #expect(wrong.allSatisfy { $0.fix?.isEmpty == false })
    for words in [
      "of 1.0 s", "does not offer db.x2g.metal", "dr-absent not found",
      "of 0 instances", "sg-0123456789abcdef0",
    ] {
      #expect(wrong.contains { $0.detail.contains(words) }, "\(words) in \(wrong)")
    }
    let text = try tool.run("preflight", "--plan", plan)
    #expect(text.status == 7)
    #expect(text.output.contains("NOT READY  quotas: "))
    #expect(text.output.contains("fix: "))
  }

  @Test func aKeyThatIsDisabledIsFoundBeforeARestoreFailsOverIt() throws {
    let script = { (call: String) in
      """
      import boto3
      kms = boto3.client("kms", "us-west-2")
      kms.\(call)(KeyId=kms.describe_key(KeyId="alias/mosaic-dr")["KeyMetadata"]["KeyId"])
      """
    }
    try tool.system(
      Tool.root.appending(path: "scripts/lab").path, "python", "-c", script("disable_key"))
    defer {
      try? tool.system(
        Tool.root.appending(path: "scripts/lab").path, "python", "-c", script("enable_key"))
    }
    let (status, found) = try preflight(try tool.plan())
    #expect(status == 7)
    let row = try #require(found.checks.first { $0.check == "KMS key" })
    #expect(row.detail.hasSuffix("is Disabled"))
    #expect(row.fix?.contains("kms:EnableKey") == true)
  }

  @Test(arguments: [
    // Where nobody reaches the database: a security group of another VPC.
    (
      "rds-prod", ["[sg-0d4d4d4d4d4d4d4d4]": "[SG]"], "security groups and subnets",
      "dr-private is in vpc-"
    ),
    (
      "rds-prod", ["parameterGroup: mosaic-pg15": "parameterGroup: mosaic-pg14"],
      "check subnet group dr-private and parameter group",
      "its family is postgres14, and the recovery point needs postgres15"
    ),
    (
      "aurora-snapshot",
      ["instances: 1": "instances: 1\n          clusterParameterGroup: mosaic-aurora-absent"],
      "check subnet group dr-private and parameter group",
      "the region has none of that name"
    ),
    (
      "aurora-snapshot",
      ["instances: 1": "instances: 1\n          clusterParameterGroup: mosaic-aurora-pg14"],
      "check subnet group dr-private and parameter group",
      "its family is aurora-postgresql14, and the recovery point needs aurora-postgresql15"
    ),
    (
      "rds-snapshot-copy", ["alias/mosaic-dr": "\"arn:aws:kms:us-east-1:123456789012:key/1a\""],
      "KMS key of the copy", "is of us-east-1, and keys do not leave theirs"
    ),
    (
      "rds-snapshot",
      ["recoverFrom: latestSnapshot": "recoverFrom: {snapshot: mosaic-strange-key}"],
      "KMS key", "is encrypted with a key of us-east-1"
    ),
    (
      "rds-snapshot",
      [
        "recoverFrom: latestSnapshot":
          "recoverFrom: {latestSnapshot: {type: manual, tags: {Purpose: audit}}}"
      ],
      "find the newest manual snapshots", "manual snapshots tagged Purpose=audit"
    ),
  ])
  func aMistakeThatRestoresHitIsFoundBeforeOne(
    name: String, replacements: [String: String], check: String, words: String
  ) throws {
    let foreign = try tool.lab(
      "python", "-c",
      """
      import boto3
      ec2, rds = (boto3.client(name, "us-west-2") for name in ("ec2", "rds"))
      vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
      print(ec2.create_security_group(GroupName="other", Description="other", VpcId=vpc)["GroupId"])
      if not [g for g in rds.describe_db_parameter_groups()["DBParameterGroups"]
              if g["DBParameterGroupName"] == "mosaic-pg14"]:
          rds.create_db_parameter_group(DBParameterGroupName="mosaic-pg14", Description="old",
                                        DBParameterGroupFamily="postgres14")
          rds.create_db_cluster_parameter_group(
              DBClusterParameterGroupName="mosaic-aurora-pg14", Description="old",
              DBParameterGroupFamily="aurora-postgresql14")
      """
    ).trimmingCharacters(in: .whitespacesAndNewlines)
    let plan = try tool.plan(
      replacements.mapValues { $0.replacingOccurrences(of: "SG", with: foreign) }, of: name)
    let (status, found) = try preflight(plan)
    #expect(status == 7)
    let row = found.checks.first { $0.verdict == "not_ready" && $0.detail.contains(words) }
    #expect(row?.check.hasPrefix(check) == true, "\(found.checks)")
    #expect(row?.fix?.isEmpty == false)
  }

  @Test func aNameThatIsTakenIsFoundBeforeARestore() throws {
    let plan = try tool.plan([
      "primary: us-east-1, recovery: us-west-2": "primary: us-west-2, recovery: us-east-1",
      "class: db.r6g.large": "class: db.r6g.large\n          identifier: mosaic-prod-core",
    ])
    let (status, found) = try preflight(plan, "--mode", "restore")
    #expect(status == 7)
    let row = try #require(found.checks.first { $0.check == "name of the restored instance" })
    #expect(row.detail.contains("mosaic-prod-core is taken in us-east-1"))
  }

  @Test func withoutCredentialsOnlyThatIsTold() throws {
    let (status, found) = try preflight(
      try tool.plan(),
      environment: [
        "AWS_ACCESS_KEY_ID": "AKIAUNKNOWN", "AWS_SECRET_ACCESS_KEY": "x",
      ])
    #expect(status == 7)
    let wrong = found.checks.filter { !$0.detail.contains("'credentials' is not ready") }
    #expect(wrong.map(\.check) == ["credentials"])
    #expect(wrong.first?.detail.contains("InvalidClientTokenId") == true)
  }

  // MARK: Permissions

  private struct Call: Decodable {
    let user: String?
    let service: String
    let region: String
    let action: String?
    let status: Int
  }

  private func calls() throws -> [Call] {
    try tool.lab("log", "--json").split(separator: "\n").map {
      try JSONDecoder().decode(Call.self, from: Data($0.utf8))
    }
  }

  @Test func policiesAreScopedAndHoldDeletesToWhatRunsHaveMade() throws {
    let policy = try tool.policy(try tool.plan())
    for statement in policy.statements {
      let resources = statement["Resource"] as? [String] ?? []
      let actions = statement["Action"] as? [String] ?? []
      // Only what cannot be named is open.
      #expect(!resources.contains("*") || actions == ["rds:DescribeEvents"], "\(statement)")
    }
    let delete = try #require(
      policy.statements.first {
        ($0["Action"] as? [String])?.contains("rds:DeleteDBInstance") ?? false
      })
    #expect(
      delete["Resource"] as? [String] == ["arn:aws:rds:us-west-2:*:db:mosaic-prod-core-drill-*"])
    let condition = delete["Condition"] as? [String: [String: String]]
    #expect(condition?["Null"]?["aws:ResourceTag/mosaic-dr:run"] == "false")
    let scoped = try tool.run(
      "permissions", "--plan", try tool.plan(), "--account", "123456789012"
    ).output
    #expect(!scoped.contains("us-west-2:*:"))
    let restore = try tool.policy(try tool.plan(), mode: "restore")
    #expect(!restore.actions.contains { $0.contains("Delete") })
  }

  /// Also holds the calls of every step against what the step declares.
  @Test func aDrillPassesWithExactlyItsPermissionsAndEveryCallIsDeclared() throws {
    _ = try tool.lab("faults", "add", #"{"kind": "parameters", "instance": "drill"}"#)
    let plan = try tool.plan()
    let (variables, name) = try tool.user(try tool.policy(plan))
    let drill = try tool.run("drill", "--plan", plan, environment: variables)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(try calls().contains { $0.user == name && $0.action == "DeleteDBInstance" })
    #expect(!(try calls().contains { $0.user == name && $0.status == 403 }))
    #expect(try tool.undeclared("--plan", plan) == [])
  }

  @Test func withoutAnyOneActionTheDrillFailsAndNamesIt() throws {
    let plan = try tool.plan()
    let whole = try tool.policy(plan)
    #expect(whole.actions.count > 8)
    // Why an instance does not come up is asked only when one does not.
    let events = "rds:DescribeEvents"
    _ = try tool.lab(
      "faults", "add", #"{"kind": "status", "status": "failed", "instance": "drill"}"#)
    try expectFailure(of: try start(plan, without: events, whole))
    _ = try tool.lab(
      "faults", "add", #"{"kind": "parameters", "instance": "drill", "count": -1}"#)
    let drills = try whole.actions.filter { $0 != events }.map {
      try start(plan, without: $0, whole)
    }
    for drill in drills { try expectFailure(of: drill) }
    // Who may not delete, or not see, has left a copy to someone who may.
    for action in ["rds:DeleteDBInstance", "rds:DescribeDBInstances"] {
      let state = tool.folder.appending(path: "state-\(action)").path
      let run = try #require(
        try tool.run("runs", state: state).output.split(separator: " ").first.map(String.init))
      #expect(try tool.run("cleanup", run, state: state).status == 0)
    }
    let left = try tool.lab("servers")
    #expect(!left.contains("-drill-"), "\(left)")
  }

  private typealias Limited = (action: String, process: Process, errors: URL)

  /// A drill of a user who may do everything but this.
  private func start(
    _ plan: String, without action: String, _ whole: PrintedPolicy
  ) throws -> Limited {
    let (process, _, errors) = try tool.start(
      ["drill", "--plan", plan], environment: try tool.user(whole.without(action)).variables,
      state: tool.folder.appending(path: "state-\(action)").path)
    return (action, process, errors)
  }

  private func expectFailure(of drill: Limited) throws {
    drill.process.waitUntilExit()
    #expect(drill.process.terminationStatus == 4, "\(drill.action)")
    let text = try String(contentsOf: drill.errors, encoding: .utf8)
    #expect(text.contains("not authorized to perform: \(drill.action)"), "\(text)")
  }

  @Test func preflightNeedsNoMoreThanItSaysAndNamesWhatTheDrillMayNotDo() throws {
    let plan = try tool.plan()
    let (variables, _) = try tool.user(try tool.policy(plan, mode: "preflight"))
    let (status, found) = try preflight(plan, environment: variables)
    #expect(status == 7)
    let wrong = found.checks.filter { $0.verdict != "ready" }
    #expect(Set(wrong.map(\.check)) == ["permissions"], "\(wrong)")
    #expect(wrong.contains { $0.detail == "rds:DeleteDBInstance is not allowed" })
  }

  // MARK: A lost region

  /// Also not by a run that died and is gone on with.
  @Test func withThePrimaryLostNothingIsAskedOfIt() throws {
    let plan = try tool.plan()
    let before = try calls().count
    #expect(try preflight(plan, "--primary-lost").status == 0)
    let (process, _, errors) = try tool.start(["drill", "--plan", plan, "--primary-lost"])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("creating")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let run = try #require(try tool.runs().first)
    let drill = try tool.run("resume", run)
    #expect(drill.status == 0, "\(drill.errors)")
    let made = try calls().dropFirst(before)
    #expect(made.count > 20 && made.allSatisfy { $0.region == "us-west-2" })
    // The run keeps it, so that it counts for whoever goes on with the run too.
    #expect(
      try tool.run("report", run, "--format", "json").output.contains(
        #""lost_region": "us-east-1""#))
  }

  @Test func aPlanThatNeedsTheLostRegionIsNotReadyAndTheCallIsNamed() throws {
    let plan = try tool.plan(["primary: us-east-1": "primary: us-west-2"])
    let before = try calls().count
    let (status, found) = try preflight(plan, "--primary-lost")
    #expect(status == 7)
    #expect(
      found.checks.contains {
        $0.detail.contains("rds:RestoreDBInstanceToPointInTime")
          && $0.detail.contains("declared lost")
      }, "\(found.checks)")
    #expect(try calls().count == before)
    let drill = try tool.run("drill", "--plan", plan, "--primary-lost")
    #expect(drill.status == 7)
    #expect(drill.errors.contains("us-west-2 is declared lost"))
  }
}
