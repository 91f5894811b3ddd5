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
