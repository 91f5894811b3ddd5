import DrillTimers
import Foundation
import RecoveryPlan
import Testing

/// When drills are due, and what starts them, as the program tells it.
@Suite struct ScheduleTests {
  let tool: Tool
  let plans: URL

  init() throws {
    tool = try Tool()
    plans = tool.folder.appending(path: "plans")
    try FileManager.default.createDirectory(at: plans, withIntermediateDirectories: true)
    try write("{every: quarter, window: \"Sat 06:00-10:00 UTC\"}")
  }

  /// Puts the plan into the folder, under a schedule.
  private func write(_ schedule: String?) throws {
    let shipped = Tool.root.appending(path: "plans/rds-prod.yaml")
    var lines = try String(contentsOf: shipped, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    lines.removeAll { $0.hasPrefix("  schedule:") }
    if let schedule { lines.append("  schedule: \(schedule)") }
    try lines.joined(separator: "\n").write(
      to: plans.appending(path: "rds-prod.yaml"), atomically: true, encoding: .utf8)
  }

  private func schedule(_ words: String...) throws -> Tool.Result {
    let (process, output, errors) = try tool.start(["schedule"] + words + ["--plans", plans.path])
    process.waitUntilExit()
    return Tool.Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  @Test func aPlanThatWasNeverDrilledIsOverdueForAlerts() throws {
    let told = try schedule()
    #expect(told.status == 7)
    #expect(told.output.contains("rds-prod  OVERDUE"))
    #expect(told.output.contains("no drill has passed: mosaic-dr drill --plan rds-prod"))
    let json = try schedule("--output", "json").output
    let all = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]]
    let plan = try #require(all?.first)
    #expect(plan["state"] as? String == "overdue")
    #expect(plan["unproven"] as? Bool == true)
    #expect((plan["next_due"] as? [String: Any])?["opens"] as? String != nil)
    try FileManager.default.createDirectory(
      atPath: tool.state, withIntermediateDirectories: true)
    let audit = try tool.run("ledger", "verify", "--plans", plans.path)
    #expect(
      audit.output.contains("every quarter, Sat 06:00-10:00 UTC, and none ever began"),
      "\(audit.output)")
  }

  @Test func aPlanWithoutAScheduleIsDueNeverAndIsNotStartedByTimers() throws {
    try write(nil)
    let told = try schedule()
    #expect(told.status == 0)
    #expect(told.output.contains("UNSCHEDULED"))
    let drill = try tool.run("drill", "--scheduled", "--plan", plans.path + "/rds-prod.yaml")
    #expect(drill.status == 2)
    #expect(drill.errors.contains("has no schedule"))
  }

  @Test func aTimerInABlackoutIsRefusedAndTheLedgerSaysSo() throws {
    try write("{every: day, blackouts: [01-01/12-31]}")
    let drill = try tool.run("drill", "--scheduled", "--plan", plans.path + "/rds-prod.yaml")
    #expect(drill.status == 7)
    #expect(drill.errors.contains("does not begin: no drill may begin in the blackout 01-01/12-31"))
    #expect(try tool.run("ledger").output.contains("drill.refused"))
    #expect(try tool.run("ledger", "verify").status == 0)
    #expect(try schedule().output.contains("refused       20"))
  }

  @Test func whatIsWrittenForSystemdIsWhatThePlansSay() throws {
    let units = tool.folder.appending(path: "units")
    #expect(try schedule("write", "--systemd", units.path).status == 0)
    #expect(try schedule("check", "--systemd", units.path).status == 0)
    let timer = units.appending(path: "mosaic-dr-drill@rds-prod.timer")
    let text = try String(contentsOf: timer, encoding: .utf8)
    for line in [
      "OnCalendar=Sat *-*-* 06:00:00 UTC", "RandomizedDelaySec=60m", "Persistent=yes",
    ] { #expect(text.contains("\n\(line)\n")) }

    try write("{every: month, window: \"Sun 04:30-05:30 UTC\"}")
    let changed = try schedule("check", "--systemd", units.path)
    #expect(changed.status == 6)
    #expect(changed.output.contains("mosaic-dr-drill@rds-prod.timer is not what the plan says"))
    try write(nil)
    let stray = try schedule("check", "--systemd", units.path)
    #expect(stray.output.contains("rds-prod.timer starts drills that no plan asks for"))
  }

  @Test func aCronJobMayDoNothingThatTheDrillDoesNotNeed() throws {
    let folder = tool.folder.appending(path: "manifests")
    let words = ["--kubernetes", folder.path, "--image", "example/mosaic-dr:1"]
    #expect(try schedule("write", words[0], words[1], words[2], words[3]).status == 0)
    #expect(try schedule("check", words[0], words[1], words[2], words[3]).status == 0)
    let file = folder.appending(path: "mosaic-dr-drill-rds-prod.json")
    #expect(try tool.isValid(file.path, by: "validate_kubernetes.py"))
    let data = try Data(contentsOf: file)
    let list = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let items = try #require(list["items"] as? [[String: Any]])
    // The plan asks nothing of Kubernetes: no role, and no token.
    #expect(
      items.map { $0["kind"] as? String } == [
        "ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "CronJob",
      ])
    let spec = try #require(items[3]["spec"] as? [String: Any])
    #expect(spec["schedule"] as? String == "0 6 * * 6")
    #expect(spec["timeZone"] as? String == "Etc/UTC")
    #expect(spec["concurrencyPolicy"] as? String == "Forbid")
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("\"automountServiceAccountToken\": false"))
    #expect(!text.contains("\"automountServiceAccountToken\": true"))
  }
}
