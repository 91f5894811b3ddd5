import Foundation
import Testing

/// Every way back that a plan is shipped for, and what leads users to what was recovered.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct WaysBackTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private static let ways = [
    "rds-snapshot", "rds-aws-backup", "rds-snapshot-copy", "rds-replica", "rds-failover",
    "aurora-snapshot",
    "aurora-point-in-time",
  ]

  /// A plan of all these plans.
  private func everyWay() throws -> String {
    let file = tool.folder.appending(path: "ways-back.yaml")
    let text = """
      apiVersion: dr.mosaic.life/v1
      kind: RecoveryPlan
      metadata: {name: ways-back}
      spec:
        objectives: {rto: 2h, rpo: 24h}
        regions: {primary: us-east-1, recovery: us-west-2}
        include: [\(Self.ways.map { "{plan: \($0)}" }.joined(separator: ", "))]
      """
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  @Test func everyWayBackIsDrilledUnderItsOwnPolicyAndLeavesWhatStoodBy() throws {
    let plans = Tool.root.appending(path: "plans").path
    let ready = try tool.run("preflight", "--plan", try everyWay(), "--plans", plans)
    #expect(ready.status == 0, "\(ready.output)")
    // What other tests let take over is their matter.
    let logged = try tool.lab("log", "--json").split(separator: "\n").count
    let drills = try Self.ways.map { way in
      let tool = try Tool()
      let plan = try tool.plan(of: way)
      let drill = try tool.start(
        ["drill", "--plan", plan], environment: try tool.credentials(for: plan))
      return (way, tool, plan, drill)
    }
    var told = ""
    for (way, tool, plan, (process, output, errors)) in drills {
      process.waitUntilExit()
      let complaints = try String(contentsOf: errors, encoding: .utf8)
      #expect(process.terminationStatus == 0, "\(way): \(complaints)")
      let text = try String(contentsOf: output, encoding: .utf8)
      #expect(text.contains("succeeded  core-db.heartbeat"), "\(way): \(text)")
      #expect(try tool.undeclared("--plan", plan) == [], "\(way)")
      told += text
    }
    for words in [
      "pg_last_xact_replay_timestamp() of mosaic-prod-core-drill-",
      "SnapshotDatabaseTime of snapshot rds:mosaic-prod-core-",
      "LatestRestorableTime of mosaic-prod-aurora", "while its standby took over.",
      "only a heartbeat measures its RPO", "snapshot:awsbackup:copyjob-1c0ffee0",
    ] {
      #expect(told.contains(words), "\(words) in \(told)")
    }
    // The standby is as it was, and no copy of a snapshot stayed.
    let log = try tool.lab("log", "--json").split(separator: "\n").dropFirst(logged)
    let promoted = log.filter { $0.contains("\"PromoteReadReplica\"") }
    #expect(promoted.contains { $0.contains("-drill-") })
    #expect(!promoted.contains { $0.contains("mosaic-prod-core-replica") })
    let failedOver = log.filter { $0.contains("\"ForceFailover\": \"true\"") }
    #expect(failedOver.allSatisfy { $0.contains("-drill-") } && !failedOver.isEmpty)
    #expect(log.contains { $0.contains("\"DeleteDBSnapshot\"") && $0.contains("\"status\": 200") })
    #expect(log.contains { $0.contains("\"DeleteDBCluster\"") && $0.contains("\"status\": 200") })
    #expect(try tool.lab("servers").contains("mosaic-prod-core-replica"))
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }

  /// A snapshot by type and tags with a login by IAM, and replicated backups alone. Each is a user's
  /// who may do exactly what the plan needs; without the right to connect, the database refuses.
  @Test func waysThatNoPlanIsShippedForAreDrilledToo() throws {
    let login = [
      "recoverFrom: latestSnapshot":
        "recoverFrom: {latestSnapshot: {type: manual, tags: {Purpose: dr}}}",
      "user: mosaic_dr": "user: mosaic_iam", "password: {env: MOSAIC_DR_DB_PASSWORD}": "iam: true",
    ]
    let byTag = try tool.plan(login, of: "rds-snapshot")
    let replicated = try tool.plan(
      ["recoverFrom: pointInTime": "recoverFrom: replicatedBackup"], of: "rds-prod")
    let policy = try tool.policy(byTag)
    let drills = try [
      (byTag, policy), (replicated, try tool.policy(replicated)),
      (byTag, policy.without("rds-db:connect")),
    ].map { plan, policy in
      try tool.start(
        ["drill", "--plan", plan], environment: try tool.user(policy).variables,
        state: tool.folder.appending(path: UUID().uuidString).path)
    }
    let expected: [(Int32, String)] = [
      (0, "SnapshotDatabaseTime of snapshot mosaic-prod-core-copy"),
      (0, "RestoreWindow.LatestTime of arn:aws:rds:us-west-2:"), (4, "refuses the login"),
    ]
    for ((process, output, _), (status, words)) in zip(drills, expected) {
      process.waitUntilExit()
      let text = try String(contentsOf: output, encoding: .utf8)
      #expect(process.terminationStatus == status && text.contains(words), "\(text)")
    }
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }

  /// The answer to the call that began it never came, the machine died, and then the run was cancelled: nobody
  /// asks for the job again, so that it has to be found.
  @Test func aJobThatNobodyKnowsOfIsFoundWhenTheRunIsCancelled() throws {
    _ = try tool.lab(
      "faults", "add", #"{"kind": "drop", "action": "StartRestoreJob", "count": -1}"#)
    let begun = { try tool.lab("log", "--count", "StartRestoreJob") }
    let before = try begun()
    let (process, _, _) = try tool.start([
      "drill", "--plan", try tool.plan(of: "rds-aws-backup"),
    ])
    while process.isRunning, try begun() == before {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    _ = try tool.lab("faults", "clear")
    let asked = try begun()
    let run = try #require(try tool.runs().first)
    let cancelled = try tool.run("cancel", run)
    #expect(cancelled.status == 0, "\(cancelled.errors)")
    let resumed = try tool.run("resume", run)
    #expect(resumed.status != 0, "\(resumed.output)")
    #expect(resumed.output.contains("succeeded  core-db.cleanup"), "\(resumed.output)")
    #expect(!resumed.output.contains("LEFT OVER"), "\(resumed.output)")
    #expect(try begun() == asked)
    let deleted = try tool.lab("log", "--json").split(separator: "\n").contains {
      $0.contains("\"DeleteDBInstance\"") && $0.contains(run.suffix(10).lowercased())
        && $0.contains("\"status\": 200")
    }
    #expect(deleted)
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }

  @Test(arguments: [
    (
      "rds-aws-backup", [:],
      #"{"kind": "backup-job", "instance": "drill", "message": "the role may not restore"}"#,
      "its status is FAILED: the role may not restore"
    ),
    (
      "rds-snapshot-copy", [:],
      #"{"kind": "snapshot", "instance": "drill", "message": "the disk of the copy broke"}"#,
      "the disk of the copy broke"
    ),
    (
      "rds-replica", ["mosaic-prod-core-replica": "mosaic-prod-other"], "",
      "no instance of that name"
    ),
    (
      "rds-failover", [:], #"{"kind": "failover", "instance": "drill"}"#,
      "Abandoning user requested"
    ),
    (
      "aurora-snapshot", [:],
      #"{"kind": "status", "status": "incompatible-restore", "instance": "aurora-drill-[a-z0-9]+$"}"#,
      "status is 'incompatible-restore'"
    ),
    (
      "aurora-point-in-time", ["recovery: us-east-1": "recovery: us-west-2"], "",
      "no cluster of that name with continuous backups"
    ),
  ])
  func aWayThatIsBarredSaysWhyAndLeavesNothing(
    name: String, replacements: [String: String], fault: String, words: String
  ) throws {
    if !fault.isEmpty { _ = try tool.lab("faults", "add", fault) }
    let drill = try tool.run("drill", "--plan", try tool.plan(replacements, of: name))
    #expect(drill.status == 4)
    #expect(drill.errors.contains(words), "\(drill.errors)")
    #expect(!drill.output.contains("LEFT OVER"), "\(drill.output)")
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }
}
