import Foundation
import Testing

/// Processes that die, answers that are lost, timers that meet: still one run, and one copy.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct InterruptedDrillTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private func leftovers() throws -> Bool { try tool.lab("servers").contains("-drill-") }

  @Test func aKilledRunIsResumedAndMakesOneInstance() throws {
    let (process, _, errors) = try tool.start(["drill", "--plan", try tool.plan()])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("creating")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let run = try #require(try tool.runs().first)
    let resumed = try tool.run("resume", run)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try tool.restores(of: run) == 1)
    #expect(!(try leftovers()))
  }

  @Test func aLostAnswerIsLookedUpNotRepeated() throws {
    _ = try tool.lab(
      "faults", "add", #"{"kind": "drop", "action": "RestoreDBInstanceToPointInTime"}"#)
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.errors.contains("found what an earlier attempt had made"))
    #expect(try tool.restores(of: try #require(try tool.runs().first)) == 1)
  }

  @Test func aBusyServiceIsWaitedForBeforeARun() throws {
    _ = try tool.lab(
      "faults", "add",
      #"{"kind": "error", "action": "GetCallerIdentity", "code": "Throttling", "count": 5}"#)
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.errors.contains("it is asked again"))
  }

  @Test func plansThatArePartOfAnotherAreOneRun() throws {
    let plans = Tool.root.appending(path: "plans").path
    let region = tool.folder.appending(path: "region.yaml")
    let text = """
      apiVersion: dr.mosaic.life/v1
      kind: RecoveryPlan
      metadata: {name: region}
      spec:
        objectives: {rto: 2h, rpo: 2h}
        regions: {primary: us-east-1, recovery: us-west-2}
        include:
          - {plan: rds-prod}
          - {plan: rds-snapshot, dependsOn: [rds-prod]}
      """
    try text.write(to: region, atomically: true, encoding: .utf8)
    let (process, _, errors) = try tool.start(
      ["drill", "--plan", region.path, "--plans", plans])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("rds-prod/core-db.connect")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let run = try #require(try tool.runs().first)
    // The journal has the plans; the files are not asked for again.
    try FileManager.default.removeItem(at: region)
    let resumed = try tool.run("resume", run)
    #expect(resumed.status == 0, "\(resumed.errors)")
    for words in ["rds-prod/core-db.heartbeat", "rds-snapshot/core-db.cleanup", "Verdict  PASS"] {
      #expect(resumed.output.contains(words), "\(resumed.output)")
    }
    #expect(try tool.restores(of: run) == 1)
    #expect(!(try leftovers()))
  }

  @Test(arguments: [["drill", "--scheduled"], ["restore", "--yes"]])
  func aDrillThatATimerStartsDoesNotOverlapAnotherRun(first: [String]) throws {
    let schedule = #"{every: quarter, window: "Sat 06:00-10:00 UTC", blackouts: [12-19/01-04]}"#
    let plan = try tool.plan([schedule: "{every: day}"])
    _ = try tool.lab("faults", "add", #"{"kind": "hold", "instance": "drill|restored"}"#)
    let (process, _, errors) = try tool.start(first + ["--plan", plan])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("creating")
    {}
    let second = try tool.run("drill", "--plan", plan, "--scheduled")
    #expect(process.isRunning)
    #expect(second.status == 7)
    #expect(second.errors.contains("the drill of rds-prod does not begin: "), "\(second.errors)")
    #expect(try tool.run("ledger").output.contains("drill.refused"))
    _ = try tool.lab("faults", "clear")
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try tool.runs().count == 1)
    #expect(try tool.run("ledger", "verify").status == 0)
  }
}
