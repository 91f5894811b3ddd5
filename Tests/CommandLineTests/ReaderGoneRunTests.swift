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

  /// The connection to the machine breaks off: the terminal is gone, and its processes get SIGHUP.
  @Test func aRunGoesOnWhenItsTerminalIsGone() throws {
    _ = try tool.lab("faults", "add", #"{"kind": "hold", "instance": "-drill-", "count": -1}"#)
    let drill = try onTerminal(
      """
      seen = b""
      while b"creating" not in seen: seen += os.read(terminal, 65536)
      os.close(terminal)
      open(state + "/hung-up", "w").close()
      """)
    let isHungUp = { FileManager.default.fileExists(atPath: tool.state + "/hung-up") }
    while drill.isRunning, !isHungUp() { usleep(50_000) }
    _ = try tool.lab("faults", "clear")
    drill.waitUntilExit()
    #expect(drill.terminationStatus == 0)
    let run = try #require(try tool.runs().first)
    #expect(try tool.run("report", run).output.contains("Verdict  PASS"))
  }

  /// Ctrl-S, or a pager that is not paged on: a terminal takes some KiB, then nothing more.
  @Test func aRunDoesNotWaitForAReaderWhoPauses() throws {
    let drill = try onTerminal(
      """
      while not os.path.exists(state + "/read-on"): time.sleep(0.1)
      seen = b""
      try:
        while part := os.read(terminal, 65536): seen += part
      except OSError: pass
      if b"Verdict  PASS" not in seen: sys.exit("the end was not told")
      """)
    var told = ""
    for _ in 0..<600 where drill.isRunning && !told.contains("finished  pass") {
      usleep(100_000)
      told = try tool.run("runs").output
    }
    #expect(told.contains("finished  pass"), "the run waits for its reader: \(told)")
    #expect(drill.isRunning)
    _ = FileManager.default.createFile(atPath: tool.state + "/read-on", contents: nil)
    drill.waitUntilExit()
    #expect(drill.terminationStatus == 0)
  }

  /// A drill on a terminal of its own, of which a program in Python has the other end.
  private func onTerminal(_ reading: String) throws -> Process {
    let script = """
      import os, pty, sys, time
      state = sys.argv[-1]
      child, terminal = pty.fork()
      if child == 0: os.execv(sys.argv[1], sys.argv[1:])
      \(reading)
      sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
      """
    let python = Process()
    python.executableURL = URL(filePath: "/usr/bin/python3")
    python.arguments = [
      "-c", script, Tool.program.path, "drill", "--plan", try tool.plan(), "--state", tool.state,
    ]
    try FileManager.default.createDirectory(
      atPath: tool.state, withIntermediateDirectories: true)
    python.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { $1 }
    try python.run()
    return python
  }
}
