import Foundation
import Testing

/// What somebody sees and types who restores at night, and what programs read. It belongs to the suite
/// of drills, whose lab it shares.
extension DrillTests {
  /// A command on a terminal of 80 columns, with an answer to its question about the plan's name.
  private func answered(_ answer: String, _ words: String...) throws -> Tool.Result {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = Tool.root.appending(path: "Tests/CommandLineTests/Tools/converse.py").path
    process.arguments =
      ["python3", script, "80", "Type the plan's name to go on: ", answer, Tool.program.path]
      + words + ["--state", tool.state]
    process.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { $1 }
    let file = tool.folder.appending(path: "shown-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: file.path, contents: nil)
    process.standardOutput = try FileHandle(forWritingTo: file)
    try process.run()
    process.waitUntilExit()
    let shown = try String(contentsOf: file, encoding: .utf8)
    return Tool.Result(status: process.terminationStatus, output: shown, errors: "")
  }

  @Test func aRestoreSaysWhatItWillDoAndAsksForThePlansName() throws {
    let plan = try tool.plan()
    let before = try tool.lab("servers")
    let refused = try answered("rds-pro", "restore", "--plan", plan)
    #expect(refused.status == 2)
    #expect(refused.output.contains("not confirmed; nothing was done"))
    #expect(try tool.runs().isEmpty)
    #expect(try tool.lab("servers") == before)
    for words in [
      "This restores rds-prod for good.", "account      123456789012", "region       us-west-2",
      "It will create\n  database instance mosaic-prod-core-restored-",
      "It will change\n  settings of mosaic-prod-core-restored-",
      "It will delete\n  nothing", "It will not touch\n  us-east-1, where the loss is: only read",
    ] { #expect(refused.output.contains(words), "\(words)\n\(refused.output)") }

    let restored = try answered("rds-prod", "restore", "--plan", plan)
    #expect(restored.status == 0, "\(restored.output)")
    // What was named is what was made.
    let named = try #require(
      restored.output.firstMatch(of: #/database instance (mosaic-prod-core-restored-\w+)/#)?.1)
    #expect(try tool.lab("servers").contains(named))
  }

  private func lines(_ output: String) throws -> [[String: Any]] {
    try output.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
  }

  @Test func aRunIsStreamedToProgramsOneObjectALine() throws {
    let drill = try tool.run("drill", "--plan", try tool.plan(), "--output", "json")
    #expect(drill.status == 0)
    #expect(drill.errors.isEmpty, "\(drill.errors)")
    let told = try lines(drill.output)
    let events = told.dropLast()
    #expect(events.compactMap { $0["sequence"] as? Int } == Array(1...events.count))
    #expect(events.first?["type"] as? String == "run.created")
    #expect(events.contains { $0["type"] as? String == "run.finished" })
    let end = try #require(told.last)
    #expect(end["type"] as? String == "outcome")
    #expect(end["outcome"] as? String == "finished")
    #expect(end["exit_code"] as? Int == 0)
    #expect(end["verdict"] as? String == "pass")
    #expect(end["rto_ms"] as? Int != nil)
    let report = try #require(end["report"] as? String)
    #expect(try tool.run("verify", report).status == 0)

    let run = try #require(end["run"] as? String)
    let watched = try tool.run("watch", run, "--output", "json")
    #expect(
      watched.output.split(separator: "\n").dropLast()
        == drill.output.split(separator: "\n").dropLast())
    #expect(try lines(watched.output).last?["verdict"] as? String == "pass")
    let again = try tool.run("resume", run, "--output", "json")
    let refusal = try #require(try lines(again.output).last)
    #expect(refusal["outcome"] as? String == "failed")
    #expect(
      refusal["reason"] as? String == "the run has ended (\(run)): every step has come to its end")
    #expect((refusal["next"] as? String)?.contains("mosaic-dr retry") == true)
  }

  @Test func whatWaitsForAPersonNamesTheWholeCommand() throws {
    let plan = try tool.plan(["  regions:": "  approvals: {drill: 1}\n  regions:"])
    let drill = try tool.run("drill", "--plan", plan, "--detach-on-approval", "--quiet")
    #expect(drill.status == 5)
    let command = try #require(
      drill.errors.firstMatch(of: #/mosaic-dr (approve \w+ approval --state \S+)/#)?.1)
    let words = command.split(separator: " ").map(String.init)
    let (process, _, _) = try tool.start(words, state: words.last)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let resumed = try tool.run("resume", words[1], "--quiet")
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.errors.isEmpty, "\(resumed.errors)")
  }

  @Test func aRunThatCannotBeginEndsTheStreamToo() throws {
    let none = try tool.run(
      "drill", "--plan", try tool.plan(), "--output", "json",
      environment: ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""])
    #expect(none.status == 7)
    let end = try #require(try lines(none.output).last)
    #expect(end["outcome"] as? String == "not_ready")
    #expect(end["exit_code"] as? Int == 7)
  }
}
