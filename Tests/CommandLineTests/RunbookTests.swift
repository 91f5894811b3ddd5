import Foundation
import Testing

/// What a person does by hand from the runbook ends like what the engine does: with the real AWS
/// command line and psql, against the lab.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct RunbookTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  /// The blocks that are to be run, as one script.
  private func script(of runbook: String) -> String {
    var isInside = false
    var lines: [Substring] = []
    for line in runbook.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = line == "```sh"
      } else if isInside {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func bash(_ script: String) throws -> (status: Int32, output: String) {
    let file = tool.folder.appending(path: "script.sh")
    try script.write(to: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [file.path]
    let prefix = try tool.lab("python", "-c", "import sys; print(sys.prefix)")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(prefix)/bin:\(environment["PATH"] ?? "")"
    environment["AWS_PAGER"] = ""
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// What the instance is, without what names this one or the run that made it.
  private func state(of instance: String) throws -> NSDictionary {
    let told = try bash(
      "aws rds describe-db-instances --region us-west-2 --db-instance-identifier \(instance)")
    #expect(told.status == 0, "\(told.output)")
    let json = try JSONSerialization.jsonObject(with: Data(told.output.utf8)) as? [String: Any]
    var state = try #require((json?["DBInstances"] as? [[String: Any]])?.first)
    for name in [
      "DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "Endpoint", "InstanceCreateTime",
      "LatestRestorableTime",
    ] { state[name] = nil }
    let tags = try #require(state["TagList"] as? [[String: String]])
    state["TagList"] = tags.filter { $0["Key"]?.hasPrefix("mosaic-dr:") == false }
      .map { "\($0["Key"] ?? "")=\($0["Value"] ?? "")" }.sorted()
    return state as NSDictionary
  }

  @Test func theCommandsOfTheRunbookDoWhatTheEngineDoes() throws {
    let plan = try tool.plan()
    let restored = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restored.status == 0, "\(restored.errors)")
    let run = try #require(try tool.runs().first)

    let runbook = try tool.run("runbook", "--plan", plan)
    #expect(runbook.status == 0)
    let byHand = try bash(script(of: runbook.output))
    #expect(byHand.status == 0, "\(byHand.output)")

    let made = try state(of: "mosaic-prod-core-restored-\(run.suffix(10).lowercased())")
    #expect(try state(of: "mosaic-prod-core-restored-0000byhand") == made)
    #expect(made["DBInstanceStatus"] as? String == "available")
    #expect(made["DeletionProtection"] as? Bool == true)
  }
}
