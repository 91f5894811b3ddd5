import Foundation
import Testing

/// Bad input, interruptions, disks: what a run keeps, names and removes.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct RunKeepingTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private func leftovers() throws -> Bool { try tool.lab("servers").contains("-drill-") }

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
    #expect(report.hasSuffix("-drill-\(run)-2/report.json.zst"))
    #expect(try tool.run("verify", String(report)).status == 0)
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
}
