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
    let replica = try tool.run("drill", "--plan", try tool.plan(of: "rds-replica"))
    #expect(replica.status == 0, "\(replica.errors)")
    let copy = try tool.run("drill", "--plan", try tool.plan(of: "rds-snapshot-copy"))
    #expect(copy.status == 4)
    #expect(copy.output.contains("the call rds:DescribeDBSnapshots failed"), "\(copy.output)")
    #expect(copy.output.contains("us-east-1"))
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }
}
