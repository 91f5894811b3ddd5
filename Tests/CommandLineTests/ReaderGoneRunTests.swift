import Foundation
import Glibc
import Testing

/// A run goes on when nobody reads what it tells, and who only follows one does not.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct ReaderGoneRunTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private func process(_ words: [String]) -> Process {
    let process = Process()
    process.executableURL = Tool.program
    process.arguments = words + ["--state", tool.state]
    return process
  }

  @Test(arguments: ["text", "json"])
  func aRunGoesOnWhenNobodyReads(format: String) throws {
    let drill = process(["drill", "--plan", try tool.plan(), "--output", format])
    drill.standardOutput = try ReaderGoneTests.unread()
    drill.standardError = try ReaderGoneTests.unread()
    try drill.run()
    drill.waitUntilExit()
    #expect(drill.terminationReason == .exit)
    #expect(drill.terminationStatus == 0)
    let run = try #require(try tool.runs().first)
    #expect(try tool.run("report", run).output.contains("Verdict  PASS"))
    #expect(!(try tool.lab("servers").contains("-drill-\(run.suffix(10).lowercased())")))
    #expect(try tool.run("ledger", "verify").status == 0)
  }

  @Test func aWatchEndsWithItsReaderAndTheRunDoesNot() throws {
    _ = try tool.lab("faults", "add", #"{"kind": "hold", "instance": "-drill-", "count": -1}"#)
    let (drill, _, errors) = try tool.start(["drill", "--plan", try tool.plan()])
    while drill.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("creating")
    { usleep(50_000) }
    let run = try #require(try tool.runs().first)
    let watch = process(["watch", run, "--output", "json"])
    let pipe = Pipe()
    watch.standardOutput = pipe
    watch.standardError = FileHandle.nullDevice
    try watch.run()
    try pipe.fileHandleForWriting.close()
    #expect(!pipe.fileHandleForReading.availableData.isEmpty)
    try pipe.fileHandleForReading.close()
    // Nothing happens in the run that it could write: it has to look.
    for _ in 0..<600 where watch.isRunning { usleep(100_000) }
    #expect(!watch.isRunning)
    if watch.isRunning { watch.terminate() }
    watch.waitUntilExit()
    #expect(watch.terminationReason == .exit)
    #expect(watch.terminationStatus == 0)
    #expect(drill.isRunning)
    _ = try tool.lab("faults", "clear")
    drill.waitUntilExit()
    #expect(drill.terminationStatus == 0)
  }
}
