import Foundation
import Testing

/// What a person does by hand from the runbook ends like what the engine does: with the real AWS
/// command line, jq and psql, against the lab. Nothing is run but what the runbook says.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct RunbookTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  @Test func theCommandsOfTheRunbookDoWhatTheEngineDoes() throws {
    let plan = try tool.plan()
    let restored = try tool.start(["restore", "--plan", plan, "--yes"])
    let runbook = try tool.run("runbook", "--plan", plan)
    #expect(runbook.status == 0)
    let byHand = try tool.bash(Tool.script(of: runbook.output))
    #expect(byHand.status == 0, "\(byHand.output)")
    restored.process.waitUntilExit()
    let complaints = try String(contentsOf: restored.errors, encoding: .utf8)
    #expect(restored.process.terminationStatus == 0, "\(complaints)")
    let run = try #require(try tool.runs().first)

    let made = try tool.state(
      of: "mosaic-prod-core-restored-\(run.suffix(10).lowercased())", in: "us-west-2")
    let same = try tool.state(of: "mosaic-prod-core-restored-0000byhand", in: "us-west-2")
    for key in (made.allKeys + same.allKeys).compactMap({ $0 as? String }) {
      #expect(same[key] as? NSObject == made[key] as? NSObject, "\(key)")
    }
    #expect(made["DBInstanceStatus"] as? String == "available")
    #expect(made["DeletionProtection"] as? Bool == true)
    #expect(made["MonitoringInterval"] as? Int == 60)
    #expect((made["TagList"] as? [String])?.contains("Team=memories") == true)
    try expectTheReportToKnowTheSame(run, runbook.output)
  }

  /// When the lost one cannot be asked any more: what a report tells makes the same input.
  private func expectTheReportToKnowTheSame(_ run: String, _ runbook: String) throws {
    let report = try tool.run("report", run, "--format", "json")
    #expect(report.status == 0)
    try report.output.write(
      to: tool.folder.appending(path: "report.json"), atomically: true, encoding: .utf8)
    let fromReport = try #require(
      Tool.blocks("console", of: runbook).first { $0.hasPrefix("zstd -dc report.json.zst | jq") })
    let script = Tool.script(of: runbook)
    let start = try #require(script.range(of: "jq '.DBInstances[0] // {}"))
    let end = try #require(script[start.lowerBound...].range(of: "' core-db.source.json"))
    let settings = script[start.lowerBound..<end.lowerBound]
    let told = try tool.bash(
      """
      set -euo pipefail
      \(settings)' core-db.source.json | jq -S . > from-the-instance
      jq -S .DBInstances[0].TagList core-db.source.json > its-tags
      \(fromReport.replacingOccurrences(of: "zstd -dc report.json.zst", with: "cat report.json"))
      \(settings)' core-db.source.json | jq -S . > from-the-report
      jq -S .DBInstances[0].TagList core-db.source.json > the-tags
      diff from-the-instance from-the-report
      diff <(jq -c 'sort_by(.Key)' its-tags) <(jq -c 'sort_by(.Key)' the-tags)
      grep MonitoringRoleArn from-the-report
      """)
    #expect(told.status == 0, "\(told.output)")
  }

  /// The lost one is gone, and nobody knows what it had: the plan's own settings are put back.
  @Test func aSourceThatCannotBeAskedDoesNotStopTheWayBack() throws {
    let plan = try tool.plan(["class: db.r6g.large": "identifier: core-alone"])
    let runbook = try tool.run("runbook", "--plan", plan).output
    let whole = Tool.script(of: runbook)
    let end = try #require(whole.range(of: "automated_backups="))
    // As far as the look at the lost one, at a place where nobody listens.
    let told = try tool.bash(
      """
      \(whole[..<end.lowerBound].replacingOccurrences(
        of: "aws rds", with: "AWS_MAX_ATTEMPTS=1 aws --endpoint-url http://127.0.0.1:9 rds"))
      """)
    #expect(told.status == 0, "\(told.output)")
    let kept = try String(
      contentsOf: tool.folder.appending(path: "core-db.source.json"), encoding: .utf8)
    #expect(kept == "{}\n")
    let jq = try #require(whole.range(of: "jq '.DBInstances[0] // {}"))
    let file = try #require(whole.range(of: "> core-db.settings.input.json"))
    let input = try tool.bash(
      "\(whole[jq.lowerBound..<file.upperBound])\ncat core-db.settings.input.json")
    #expect(input.status == 0 && input.output == "{}\n", "\(input.output)")
  }
}
