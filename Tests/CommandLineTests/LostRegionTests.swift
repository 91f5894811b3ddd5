import Foundation
import Testing

/// A token that expires in the middle of a wait, then a region whose endpoint is dead. It stays so: this
/// suite has one test.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct LostRegionTests {
  @Test func anExpiredTokenIsWaitedOutAndWithADeadRegionOnlyWhatNeedsItFails() throws {
    let tool = try Tool()
    let plan = try tool.plan()
    _ = try tool.lab(
      "faults", "add",
      #"{"kind": "error", "action": "DescribeDBInstances", "instance": "drill", "code": "ExpiredToken", "status": 403, "count": 7}"#
    )
    let before = try tool.run("drill", "--plan", plan)
    #expect(before.status == 0, "\(before.errors)")
    #expect(before.errors.contains("ExpiredToken"), "\(before.errors)")
    _ = try tool.lab("lose-region", "us-east-1")
    let after = try tool.run("drill", "--plan", plan)
    #expect(after.status == 0, "\(after.errors)")
    // What was seen while it could be seen still counts.
    #expect(after.output.contains("cannot be looked at"), "\(after.output)")
    #expect(after.output.contains("what was seen at 20"), "\(after.output)")
    // What has everything in the recovery region goes on; the others name the call that they lack.
    let ways: [(name: String, lacks: String?)] = [
      ("rds-snapshot", nil), ("rds-replica", nil), ("rds-aws-backup", nil),
      ("aurora-snapshot", nil), ("rds-snapshot-copy", "rds:DescribeDBSnapshots"),
      ("rds-failover", "rds:DescribeDBInstanceAutomatedBackups"),
    ]
    let drills = try ways.map { way in
      try tool.start(
        ["drill", "--plan", try tool.plan(of: way.name)],
        state: tool.folder.appending(path: way.name).path)
    }
    for (way, (process, output, errors)) in zip(ways, drills) {
      process.waitUntilExit()
      let told = try String(contentsOf: output, encoding: .utf8)
      let complaints = try String(contentsOf: errors, encoding: .utf8)
      #expect(process.terminationStatus == (way.lacks == nil ? 0 : 4), "\(way): \(complaints)")
      guard let call = way.lacks else { continue }
      #expect(told.contains("the call \(call) failed"), "\(way): \(told)")
      #expect(told.contains("us-east-1"), "\(way): \(told)")
    }
    // Here it is the region of the recovery itself.
    let there = try tool.run("drill", "--plan", try tool.plan(of: "aurora-point-in-time"))
    #expect(there.status == 7 && there.errors.contains("us-east-1"), "\(there.errors)")
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }
}
