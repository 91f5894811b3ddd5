import Foundation
import Testing

/// What RDS and the database can do to a drill.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct DrillFaultTests {
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

  @Test(arguments: [
    (
      #"{"kind": "status", "status": "incompatible-restore", "instance": "drill"}"#,
      "incompatible-restore"
    ),
    (#"{"kind": "status", "status": "failed", "instance": "drill"}"#, "status is 'failed'"),
    (#"{"kind": "login", "instance": "drill"}"#, "refuses the login"),
    (#"{"kind": "empty", "instance": "drill"}"#, "the query gave 0"),
    (#"{"kind": "endpoint", "instance": "drill"}"#, "took longer than its bound"),
  ])
  func aFaultIsNamedAndTheCopyIsRemoved(fault: String, words: String) throws {
    _ = try tool.lab("faults", "add", fault)
    let plan = try tool.plan(["settings: {": "timeouts: {connect: 4s}\n        settings: {"])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 4)
    #expect(drill.errors.contains(words), "\(drill.errors)")
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

  @Test func aNameTakenBySomethingElseIsLeftAlone() throws {
    let plan = try tool.plan(["class: db.r6g.large": "identifier: core-taken"])
    let first = try tool.run("restore", "--plan", plan, "--yes")
    #expect(first.status == 0, "\(first.errors)")
    let second = try tool.run("restore", "--plan", plan, "--yes")
    #expect(second.status == 4)
    #expect(second.errors.contains("the name is taken by something this run did not make"))
    #expect(try tool.lab("servers").contains("core-taken"))
  }

  @Test func aCheckThatCannotFailIsAnException() throws {
    let drill = try tool.run(
      "drill", "--plan", try tool.plan(["select count(*) from people": "select 20000"]))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("PASS_WITH_EXCEPTIONS"))
    #expect(drill.output.contains("Check people holds on an empty database too"))
  }
}
