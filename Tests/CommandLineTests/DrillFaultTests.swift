import Foundation
import Testing

/// What RDS and the database can do to a drill so that it fails, or is no full proof.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct DrillFaultTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private func leftovers() throws -> Bool { try tool.lab("servers").contains("-drill-") }

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
