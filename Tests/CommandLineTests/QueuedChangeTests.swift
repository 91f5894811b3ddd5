import Foundation
import Testing

/// Changes that RDS works on, or has put off, beside what a run asks for.
extension WaysBackTests {
  /// Production's own instance, and a standby, may have changes that wait for the maintenance window. Of the
  /// standbys one has all settings already, so that nothing is asked for that would set them off.
  @Test func whatIsQueuedForTheMaintenanceWindowHoldsNothingUp() throws {
    try tool.makeReplicas(["queued-bare", "queued-like"])
    try makeQueues()
    let ways = [
      ("rds-failover", ["mosaic-prod-core": "queued-own"], "fail-over"),
      ("rds-replica", ["mosaic-prod-core-replica": "queued-bare"], "promote"),
      (
        "rds-replica",
        [
          "mosaic-prod-core-replica": "queued-like",
          "parameterGroup: mosaic-pg15": "multiAZ: false",
        ],
        "settings"
      ),
    ]
    let restores = try ways.map { name, replacements, step in
      let tool = try Tool()
      let more = [
        "rpo: 5m": "rpo: 24h",
        "        access:\n":
          "        settings: {backupRetention: 1}\n        timeouts: {promote: 1m, modify: 1m}\n"
          + "        access:\n",
      ]
      let plan = try tool.plan(more.merging(replacements) { $1 }, of: name)
      return (tool, step, try tool.start(["restore", "--plan", plan, "--yes"]))
    }
    for (tool, step, (process, output, errors)) in restores {
      process.waitUntilExit()
      let complaints = try String(contentsOf: errors, encoding: .utf8)
      #expect(process.terminationStatus == 0, "\(complaints)")
      let report = try String(contentsOf: output, encoding: .utf8)
      #expect(report.contains("succeeded  core-db.\(step)"), "\(report)")
      #expect(report.contains("queued for the maintenance window: DBInstanceClass"), "\(report)")
      _ = tool
    }
    // Nobody asked for it.
    for (name, region) in [("queued-own", "us-east-1"), ("queued-like", "us-west-2")] {
      let state = try tool.state(of: name, in: region)
      #expect(state["DBInstanceClass"] as? String == "db.r6g.large", "\(name)")
      let pending = state["PendingModifiedValues"] as? [String: Any]
      #expect(pending?["DBInstanceClass"] as? String == "db.r6g.xlarge", "\(name)")
    }
  }

  /// A Multi-AZ instance, and a queue for it and for the standbys.
  private func makeQueues() throws {
    let script = """
      import boto3
      east, west = boto3.client("rds", "us-east-1"), boto3.client("rds", "us-west-2")
      def usable(client, name):
          client.get_waiter("db_instance_available").wait(
              DBInstanceIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
      lost = east.describe_db_instances(DBInstanceIdentifier="mosaic-prod-core")["DBInstances"][0]
      groups = [g["VpcSecurityGroupId"] for g in west.describe_db_instances(
          DBInstanceIdentifier="mosaic-prod-core-replica")["DBInstances"][0]["VpcSecurityGroups"]]
      east.restore_db_instance_from_db_snapshot(
          DBInstanceIdentifier="queued-own", DBSnapshotIdentifier="mosaic-prod-core-manual", MultiAZ=True,
          DBSubnetGroupName="dr-private", DBParameterGroupName="mosaic-pg15")
      west.modify_db_instance(
          DBInstanceIdentifier="queued-like", ApplyImmediately=True, DeletionProtection=True,
          DBParameterGroupName="mosaic-pg15", VpcSecurityGroupIds=["sg-0d4d4d4d4d4d4d4d4"],
          EnableIAMDatabaseAuthentication=True, EnablePerformanceInsights=True,
          MonitoringInterval=60, MonitoringRoleArn=lost["MonitoringRoleArn"],
          CopyTagsToSnapshot=True, CloudwatchLogsExportConfiguration={"EnableLogTypes": ["postgresql"]})
      usable(east, "queued-own")
      import time
      while not west.describe_db_instances(
              DBInstanceIdentifier="queued-like")["DBInstances"][0]["DeletionProtection"]:
          time.sleep(0.2)
      usable(west, "queued-like")
      west.reboot_db_instance(DBInstanceIdentifier="queued-like")
      usable(west, "queued-like")
      for client, name in ((east, "queued-own"), (west, "queued-bare"), (west, "queued-like")):
          client.modify_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.r6g.xlarge")
      """
    _ = try tool.lab("python", "-c", script)
  }

  /// RDS says `applying` for a while after a group is attached; that it waits for a reboot comes then.
  @Test func aParameterGroupThatIsAtWorkStillGetsItsReboot() throws {
    _ = try tool.lab(
      "faults", "add", #"{"kind": "applying", "instance": "-drill-", "count": 8}"#)
    // From the lost instance, as the plan states none.
    let plan = try tool.plan(["          parameterGroup: mosaic-pg15\n": ""], of: "rds-snapshot")
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    let rebooted = try tool.lab("log", "--json").split(separator: "\n").filter {
      $0.contains("\"RebootDBInstance\"") && $0.contains(run.suffix(10).lowercased())
        && $0.contains("\"status\": 200")
    }
    #expect(rebooted.count == 1, "\(rebooted)")
  }

  /// What AWS Backup makes keeps production's retention, and is changed behind it.
  @Test func aDrillsCopyByAWSBackupKeepsNoBackups() throws {
    let drill = try tool.run("drill", "--plan", try tool.plan(of: "rds-aws-backup"))
    #expect(drill.status == 0, "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    let changed = try tool.lab("log", "--json").split(separator: "\n").filter {
      $0.contains("\"ModifyDBInstance\"") && $0.contains(run.suffix(10).lowercased())
        && $0.contains("\"BackupRetentionPeriod\": \"0\"")
    }
    #expect(!changed.isEmpty)
  }
}
