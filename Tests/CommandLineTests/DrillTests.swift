import Foundation
import Testing

/// Whole drills against the lab: a real HTTP endpoint, real PostgreSQL servers, a real journal.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct DrillTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private func leftovers() throws -> Bool { try tool.lab("servers").contains("-drill-") }

  @Test func aDrillPassesLeavesNothingAndItsReportVerifies() throws {
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("Verdict  PASS"))
    #expect(!(try leftovers()))
    let report = try #require(
      drill.output.split(separator: "\n").first { $0.hasPrefix("report  ") }?.dropFirst(8))
    #expect(try tool.run("verify", String(report)).status == 0)
    let url = URL(filePath: String(report))
    let bytes = try Data(contentsOf: url)
    for index in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
      var changed = bytes
      changed[index] ^= 1
      try changed.write(to: url)
      #expect(try tool.run("verify", url.path).status == 6, "byte \(index)")
    }
    let password = try #require(ProcessInfo.processInfo.environment["MOSAIC_DR_DB_PASSWORD"])
    let all = try tool.run("report", try #require(try tool.runs().first), "--format", "json").output
    #expect(!all.contains(password))
  }

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

  @Test func missingAndWrongCredentialsAreNotReady() throws {
    let plan = try tool.plan()
    let none = try tool.run(
      "drill", "--plan", plan, environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""])
    #expect(none.status == 7)
    #expect(none.errors.contains("no AWS credentials"))
    let wrong = try tool.run("drill", "--plan", plan, environment: ["AWS_SECRET_ACCESS_KEY": "x"])
    #expect(wrong.status == 7)
    #expect(wrong.errors.contains("SignatureDoesNotMatch"))
  }

  @Test func aRestoreStaysAndIsNotStartedUnasked() throws {
    let plan = try tool.plan()
    let unasked = try tool.run("restore", "--plan", plan)
    #expect(unasked.status == 2)
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restore.status == 0, "\(restore.errors)")
    #expect(restore.output.contains("Made     core-db.restore: "))
    let run = try #require(try tool.runs().first)
    #expect(try tool.lab("servers").contains("restored-\(run.suffix(10).lowercased())"))
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

  @Test func whenTheDataIsWarmAndVerifiedIsNoted() throws {
    let warm = "- warm: {name: album, query: \"select count(*) from media\", within: 30s}"
    let plan = try tool.plan(["      verify:\n": "      verify:\n        \(warm)\n"])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("measured: album took"), "\(drill.output)")
    #expect(drill.output.contains("measured: 5 checks passed"))
    let cold = try tool.plan([
      "      verify:\n":
        "      verify:\n        \(warm.replacingOccurrences(of: "30s", with: "1ms, timeout: 3s"))\n"
    ])
    let failed = try tool.run("drill", "--plan", cold)
    #expect(failed.status == 4)
    #expect(failed.errors.contains("it still waits for: the query takes"), "\(failed.errors)")
    #expect(!(try leftovers()))
  }

  @Test func aSnapshotIsRestored() throws {
    // The lab's snapshot is as old as the lab.
    let plan = try tool.plan([
      "recoverFrom: pointInTime": "recoverFrom: latestSnapshot", "rpo: 5m": "rpo: 2h",
    ])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("SnapshotDatabaseTime of snapshot mosaic-prod-core-copy"))
  }

  @Test func theCommandLineIsHeldToItsWord() throws {
    for (words, expected) in [
      (["drill", "--plan", "x", "--parallel", "many"], "--parallel cannot be 'many'"),
      (["skip", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "a"], "--reason is missing"),
      (["approve", "01ARZ3NDEKTSV4RRFFQ69G5FAV"], "there is no such run"),
      (["cleanup", "nothing"], "there is no such run"), (["dril"], "there is no command 'dril'"),
    ] {
      let (process, _, errors) = try tool.start(
        words.map { $0 == "x" ? (try? tool.plan()) ?? "" : $0 })
      process.waitUntilExit()
      #expect(process.terminationStatus != 0)
      #expect(try String(contentsOf: errors, encoding: .utf8).contains(expected), "\(words)")
    }
    let drill = try tool.run("plan", "--plan", try tool.plan()).output
    #expect(drill.contains("Steps of a drill"))
    #expect(drill.contains("deletes  database instance"))
    let restore = try tool.run("plan", "--plan", try tool.plan(), "--mode", "restore").output
    #expect(restore.contains("Steps of a restore"))
    #expect(!restore.contains("deletes"))
  }
}
