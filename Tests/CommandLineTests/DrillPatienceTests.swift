import Foundation
import Testing

/// What RDS does that a drill waits for, and passes.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct DrillPatienceTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private func leftovers() throws -> Bool { try tool.lab("servers").contains("-drill-") }

  /// As it is when an earlier call, whose answer was lost, is still at work.
  @Test(arguments: ["ModifyDBInstance", "RebootDBInstance"])
  func anInstanceThatIsBusyIsAskedAgainLater(action: String) throws {
    _ = try tool.lab("faults", "add", #"{"kind": "parameters", "instance": "drill"}"#)
    _ = try tool.lab(
      "faults", "add",
      #"{"kind": "error", "action": "\#(action)", "code": "InvalidDBInstanceState", "count": 5}"#)
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(!(try leftovers()))
  }

  @Test func aParameterGroupThatWaitsForARebootGetsOne() throws {
    _ = try tool.lab("faults", "add", #"{"kind": "parameters", "instance": "drill"}"#)
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    let name = try #require(try tool.runs().first).suffix(10).lowercased()
    let reboots = try tool.lab("log", "--json").split(separator: "\n").filter {
      $0.contains("\"RebootDBInstance\"") && $0.contains(name)
    }
    #expect(reboots.count == 1)
  }

  @Test func anUnknownStatusIsWaitedOut() throws {
    _ = try tool.lab(
      "faults", "add",
      #"{"kind": "status", "status": "quantum-flux", "seconds": 1, "instance": "drill"}"#)
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.errors.contains("quantum-flux"))
  }
}
