import Foundation
import Testing

/// What a restore does not carry over.
extension WaysBackTests {
  /// Both restores are a user's who may do exactly what the plan needs.
  @Test func whatARestoreDoesNotCarryOverIsPutBackAsItWas() throws {
    let restores = try [
      "rds-snapshot", "aurora-snapshot",
    ].map { name in
      let tool = try Tool()
      // Nothing is stated: all has to come from what is lost.
      let plan = try tool.plan(
        ["          multiAZ: true\n": "", "        settings: {": "        # {"], of: name)
      let restore = try tool.start(
        ["restore", "--plan", plan, "--yes"],
        environment: try tool.credentials(for: plan, mode: "restore"))
      return (tool, plan, restore)
    }
    var names: [String] = []
    for (tool, plan, (process, output, errors)) in restores {
      process.waitUntilExit()
      let complaints = try String(contentsOf: errors, encoding: .utf8)
      #expect(process.terminationStatus == 0, "\(complaints)")
      let report = try String(contentsOf: output, encoding: .utf8)
      #expect(!report.contains("differs from"), "\(report)")
      #expect(try tool.undeclared("--plan", plan, "--mode", "restore") == [])
      names.append(try #require(try tool.runs().first).suffix(10).lowercased())
    }
    let found = try tool.lab(
      "python", "-c",
      """
      import boto3
      rds = boto3.client("rds", "us-west-2")
      for thing in (rds.describe_db_instances()["DBInstances"] + rds.describe_db_clusters()["DBClusters"]):
          name = thing.get("DBInstanceIdentifier") or thing["DBClusterIdentifier"]
          print(name, *(f"{key}={thing.get(key)}" for key in (
              "DeletionProtection", "MultiAZ", "MonitoringInterval", "BackupRetentionPeriod",
              "IAMDatabaseAuthenticationEnabled", "EnabledCloudwatchLogsExports", "CopyTagsToSnapshot")),
              *(f"{t['Key']}={t['Value']}" for t in thing["TagList"] if t["Key"] == "Team"))
      """
    ).split(separator: "\n")
    let instance = try #require(
      found.first { $0.contains(names[0]) && $0.contains("core-restored") })
    for words in [
      "DeletionProtection=True", "MultiAZ=True", "MonitoringInterval=60", "BackupRetentionPeriod=7",
      "IAMDatabaseAuthenticationEnabled=True", "['postgresql']", "Team=memories",
      "CopyTagsToSnapshot=True",
    ] {
      #expect(instance.contains(words), "\(words) in \(instance)")
    }
    let cluster = try #require(
      found.first { $0.contains(names[1]) && !$0.contains("\(names[1])-i1") })
    for words in [
      "DeletionProtection=True", "BackupRetentionPeriod=14",
      "IAMDatabaseAuthenticationEnabled=True", "['postgresql']", "Team=memories",
      "CopyTagsToSnapshot=True",
    ] {
      #expect(cluster.contains(words), "\(words) in \(cluster)")
    }
    let writer = try #require(found.first { $0.contains("\(names[1])-i1") })
    #expect(writer.contains("MonitoringInterval=60"), "\(writer)")
  }

  /// The certificate authority, say, of a region that has others; and the answer to a promotion never came.
  @Test func whatCannotBeHadHereIsLeftOutAndALostAnswerIsLookedUp() throws {
    try tool.makeReplicas(["core-unheard"])
    for fault in [
      #"{"kind": "error", "action": "ModifyDBInstance", "instance": "core-unheard", "#
        + #""code": "CertificateNotFound", "message": "no such authority here"}"#,
      #"{"kind": "drop", "action": "PromoteReadReplica", "instance": "core-unheard"}"#,
    ] { _ = try tool.lab("faults", "add", fault) }
    let plan = try tool.plan(["mosaic-prod-core-replica": "core-unheard"], of: "rds-replica")
    let restored = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(
      restored.output.contains("can be had here: CertificateNotFound: no such authority here"),
      "\(restored.output)")
    // Taken once; what was asked beside it was refused.
    let taken = try tool.lab("log", "--json").split(separator: "\n").filter {
      $0.contains("\"PromoteReadReplica\"") && $0.contains("core-unheard")
        && !$0.contains("\"status\": 4")
    }
    #expect(taken.count == 1, "\(taken)")
  }

  /// It comes after what users wait for, and is no reason to fail.
  @Test func aStandbyThatCannotBeHadIsTold() throws {
    try tool.makeReplicas(["core-alone"])
    // Long enough to break what comes after the check.
    let plan = try tool.plan(
      [
        "mosaic-prod-core-replica": "core-alone",
        "select count(*) from memories": "select count(*) from memories, (select pg_sleep(8)) slow",
      ], of: "rds-replica")
    let (process, output, errors) = try tool.start(
      ["restore", "--plan", plan, "--yes"],
      environment: try tool.credentials(for: plan, mode: "restore"))
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("▸ core-db.memories")
    {}
    let fault =
      #"{"kind": "error", "action": "ModifyDBInstance", "instance": "core-alone", "#
      + #""code": "InsufficientDBInstanceCapacity", "message": "no room for a standby"}"#
    _ = try tool.lab("faults", "add", fault)
    process.waitUntilExit()
    let report = try String(contentsOf: output, encoding: .utf8)
    #expect(process.terminationStatus == 0, "\(report)")
    #expect(report.contains("core-alone has no standby in another zone"), "\(report)")
    #expect(report.contains("no room for a standby"), "\(report)")
    #expect(try tool.undeclared("--plan", plan, "--mode", "restore") == [])
  }
}
