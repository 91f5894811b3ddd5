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

  @Test func aCopyThatCannotBeDeletedIsNamedAndRemovedLater() throws {
    _ = try tool.lab(
      "faults", "add",
      #"{"kind": "error", "action": "DeleteDBInstance", "code": "AccessDenied", "message": "no", "status": 403, "count": -1}"#
    )
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 4, "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    for words in [
      "LEFT OVER  database instance mosaic-prod-core-drill-", "cleanup \(run)", "bills",
    ] {
      #expect(drill.output.contains(words), "\(drill.output)")
    }
    #expect(try leftovers())
    #expect(try tool.run("resume", run).errors.contains("mosaic-dr cleanup \(run)"))
    _ = try tool.lab("faults", "clear")
    let cleanup = try tool.run("cleanup", run)
    #expect(cleanup.status == 0, "\(cleanup.errors)")
    #expect(!cleanup.output.contains("LEFT OVER"))
    #expect(!(try leftovers()))
    #expect(try tool.run("cleanup", run).output.contains("nothing is left over"))
    let report = try #require(
      cleanup.output.split(separator: "\n").first { $0.hasPrefix("report  ") }?.dropFirst(8))
    #expect(report.hasSuffix("\(run)-2.report.json.zst"))
    #expect(try tool.run("verify", String(report)).status == 0)
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

  @Test(arguments: [
    (["recovery: us-west-2": "recovery: eu-central-1"], 4, "there is nothing to restore from"),
    (
      ["instance: mosaic-prod-core": "instance: no-such-instance"], 4, "there is nothing to restore"
    ),
    (
      ["recoverFrom: pointInTime": "recoverFrom: {snapshot: mosaic-plain-copy}"], 4,
      "the recovery point is not encrypted"
    ),
    (["subnetGroup: dr-private": "subnetGroup: nowhere"], 4, "DBSubnetGroupNotFoundFault"),
    (["rto: 60m": "rto: 1ms"], 3, "Verdict  FAIL"),
    (["rto: 60m": "rto: soon"], 2, "'soon' is not a length of time"),
    ([">= 100000": "<= 100000"], 4, "the query gave 200000"),
  ])
  func badInputEndsWithItsReason(
    replacements: [String: String], status: Int32, words: String
  ) throws {
    let drill = try tool.run("drill", "--plan", try tool.plan(replacements))
    #expect(drill.status == status)
    #expect((drill.errors + drill.output).contains(words), "\(drill.errors)")
    #expect(!(try leftovers()))
  }

  @Test func aCheckThatCannotFailIsAnException() throws {
    let drill = try tool.run(
      "drill", "--plan", try tool.plan(["select count(*) from people": "select 20000"]))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("PASS_WITH_EXCEPTIONS"))
    #expect(drill.output.contains("Check people holds on an empty database too"))
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
    let run = try #require(try tool.runs().first)
    #expect(try tool.lab("servers").contains("restored-\(run.suffix(10).lowercased())"))
  }

  @Test func anInterruptedDrillStillCleansUp() throws {
    let (process, _, errors) = try tool.start(["drill", "--plan", try tool.plan()])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("creating")
    {}
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    #expect(!(try leftovers()))
  }

  @Test(.enabled(if: geteuid() == 0, "only root may mount a small file system"))
  func aFullDiskStopsTheRunAndLosesNothing() throws {
    try FileManager.default.createDirectory(
      atPath: tool.state, withIntermediateDirectories: true)
    try tool.system("mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", tool.state)
    defer { try? tool.system("umount", tool.state) }
    let full = try tool.run("drill", "--plan", try tool.plan())
    #expect(full.status == 5)
    #expect(full.errors.contains("the disk that holds the journal is full"), "\(full.errors)")
    try tool.system("mount", "-o", "remount,size=8m", tool.state)
    let run = try #require(try tool.runs().first)
    let resumed = try tool.run("resume", run)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try tool.restores(of: run) == 1)
    #expect(!(try leftovers()))
  }

  @Test(.enabled(if: getuid() == 0, "only root can mount"))
  func aReadOnlyJournalIsShownAndNotWritten() throws {
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    try tool.system("mount", "--bind", tool.state, tool.state)
    defer { try? tool.system("umount", tool.state) }
    try tool.system("mount", "-o", "remount,bind,ro", tool.state)
    for command in ["show", "report"] {
      let shown = try tool.run(command, run)
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.output.contains("core-db.restore"))
    }
    #expect(try tool.runs() == [run])
    let refused = try tool.run("drill", "--plan", try tool.plan())
    #expect(refused.status == 1)
    #expect(refused.errors.contains("--state"), "\(refused.errors)")
  }

  @Test func oldRunsArePrunedWhenTheirReportsHold() throws {
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 0, "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    #expect(
      try tool.run("runs", "prune", "--keep-days", "1").output.contains("0 of 0 runs"))
    #expect(try tool.run("runs", "prune").status == 2)
    let report = try #require(
      drill.output.split(separator: "\n").first { $0.hasPrefix("report  ") }?.dropFirst(8))
    // Two years later.
    let later = [
      "faketime", "-f", "+730d", Tool.program.path, "runs", "prune", "--keep-days", "365",
    ]
    let away = URL(filePath: String(report) + ".away")
    try FileManager.default.moveItem(at: URL(filePath: String(report)), to: away)
    try tool.system(later + ["--state", tool.state])
    #expect(try tool.run("show", run).status == 0)
    try FileManager.default.moveItem(at: away, to: URL(filePath: String(report)))
    try tool.system(later + ["--state", tool.state])
    #expect(try tool.run("show", run).errors.contains("no longer in the journal"))
    #expect(try tool.run("runs").output.contains("pruned"))
    #expect(try tool.run("verify", String(report)).status == 0)
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
