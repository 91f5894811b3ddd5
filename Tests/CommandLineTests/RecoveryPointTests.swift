import Foundation
import Testing

/// No way back brings data from after the incident, or from after the moment asked for; and what the
/// report says was restored is what RDS was asked for.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct RecoveryPointTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  /// What RDS was asked for when it restored to a moment for a run; nil when it was left to RDS.
  private func momentSent(for run: String, _ key: String = "RestoreTime") throws -> String? {
    let name = run.suffix(10).lowercased()
    let calls = try tool.lab("log", "--json").split(separator: "\n").compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }.filter { call in
      let action = call["action"] as? String ?? ""
      return action.hasSuffix("ToPointInTime") && "\(call["form"] ?? "")".contains(name)
        && call["status"] as? Int == 200
    }
    #expect(calls.count == 1, "\(calls)")
    return (calls.first?["form"] as? [String: Any])?[key] as? String
  }

  /// How far the backups reach that the recovery region has.
  private func latest() throws -> String {
    try tool.bash(
      "aws rds describe-db-instance-automated-backups --region us-west-2 --output text "
        + "--db-instance-identifier mosaic-prod-core "
        + "--query 'DBInstanceAutomatedBackups[0].RestoreWindow.LatestTime'"
    ).output
  }

  @Test func aRestoreThatWaitedForAPersonStopsAtTheIncident() throws {
    let plan = try tool.plan(["  regions:": "  approvals: {restore: 1}\n  regions:"])
    let lost = Date().formatted(.iso8601)
    let begun = try tool.run(
      "restore", "--plan", plan, "--yes", "--incident-time", lost, "--detach-on-approval")
    #expect(begun.status == 5, "\(begun.errors)")
    let run = try #require(try tool.runs().first)
    // The instance still runs, and its backups come past the incident while nobody approves.
    var looks = 0
    while try String(latest().prefix(19)) <= lost.prefix(19), looks < 60 {
      looks += 1
      Thread.sleep(forTimeInterval: 0.5)
    }
    #expect(try tool.run("approve", run, "approval").status == 0)
    let resumed = try tool.run("resume", run)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try momentSent(for: run) == lost)
    let told = "\(lost.prefix(19)).000Z  service_field: the moment restored to"
    #expect(resumed.output.contains(told), "\(resumed.output)")
  }

  @Test(arguments: [("rds-prod", "RestoreTime"), ("aurora-point-in-time", "RestoreToTime")])
  func whatADrillIsSaidToRestoreIsWhatItAskedFor(plan: String, key: String) throws {
    let drill = try tool.run("drill", "--plan", try tool.plan(of: plan))
    #expect(drill.status == 0, "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    let sent = try #require(try momentSent(for: run, key))
    #expect(drill.output.contains("recovery_point \(sent.dropLast()).000Z"), "\(drill.output)")
  }

  @Test(arguments: ["rds-snapshot", "rds-snapshot-copy", "rds-aws-backup"])
  func aSnapshotFromAfterTheMomentAskedForIsNotTaken(plan: String) throws {
    let early = (Date() - 86_400).formatted(.iso8601)
    for (option, words) in [
      ("--point-in-time", "after the moment asked for"), ("--incident-time", "after the incident"),
    ] {
      let drill = try tool.run("drill", "--plan", try tool.plan(of: plan), option, early)
      #expect(drill.status == 4, "\(drill.output)")
      #expect(drill.errors.contains(words), "\(drill.errors)")
    }
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }

  @Test(arguments: ["rds-replica", "rds-failover"])
  func aMomentIsRefusedByAWayBackThatHasNone(plan: String) throws {
    let early = (Date() - 60).formatted(.iso8601)
    let drill = try tool.run("drill", "--plan", try tool.plan(of: plan), "--point-in-time", early)
    #expect(drill.status == 2, "\(drill.output)")
    #expect(drill.errors.contains("core-db"), "\(drill.errors)")
    #expect(try tool.runs().isEmpty)
  }
}
