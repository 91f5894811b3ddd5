import Evidence
import Foundation
import Platform
import RunJournal
import Testing

/// What is misspelt is told as that: it makes nothing, and is neither an empty answer nor a forgery.
@Suite struct MisspeltTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  private func run(_ words: [String], state: String? = nil) throws -> Tool.Result {
    let (process, output, errors) = try tool.start(words, state: state)
    process.waitUntilExit()
    return Tool.Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  private func makeJournal() throws { _ = try Journal(folder: tool.state, time: SystemTime()) }

  private static let run = "01M8A8367N7274EKP12G2XQE3V"

  @Test(arguments: ["show", "watch", "report", "approve", "pause", "cancel", "resume", "undo"])
  func aRunThatIsNotThereIsTold(command: String) throws {
    try makeJournal()
    for name in [Self.run, String(Self.run.prefix(8))] {
      let result = try run([command, name])
      #expect(result.status == 1, "\(result.output)")
      #expect(result.errors.contains("there is no such run"), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
  }

  @Test(arguments: [
    "runs", "runs --plan rds-prod", "runs prune --keep-days 1", "show RUN", "watch RUN",
    "report RUN", "report trend --plan rds-prod", "cancel RUN", "resume RUN", "cleanup RUN",
  ])
  func aStateFolderThatIsNotThereIsNotMade(command: String) throws {
    let words = command.split(separator: " ").map { $0 == "RUN" ? Self.run : String($0) }
    let result = try run(words)
    #expect(result.status == 1)
    #expect(
      result.errors.contains("there is no journal\n  on:  \(tool.state)\n"), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: tool.state))
  }

  @Test func aListOfNoRunsSaysSo() throws {
    try makeJournal()
    let all = try run(["runs"])
    #expect(all.status == 0 && all.output.isEmpty)
    #expect(all.errors == "no runs in \(tool.state)\n")
    let ofPlan = try run(["runs", "--plan", "rds-prdo"])
    #expect(ofPlan.status == 0 && ofPlan.output.isEmpty)
    #expect(ofPlan.errors == "no runs of rds-prdo in \(tool.state)\n")
  }

  /// The first run makes it.
  @Test func theUsualFolderNeedNotBeThere() throws {
    let process = Process()
    process.executableURL = Tool.program
    process.arguments = ["runs"]
    process.environment = ["XDG_STATE_HOME": tool.folder.path]
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    let errors = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(errors == "no runs in \(tool.folder.path)/mosaic-dr\n")
    #expect(!FileManager.default.fileExists(atPath: "\(tool.folder.path)/mosaic-dr"))
  }

  @Test func noKeyIsMadeUnderAMisspeltName() throws {
    let samples = tool.folder.appending(path: "samples")
    try FileManager.default.copyItem(at: Tool.root.appending(path: "docs/samples"), to: samples)
    let reports = try FileManager.default.contentsOfDirectory(
      at: samples.appending(path: "reports/rds-prod"), includingPropertiesForKeys: nil)
    let report = try #require(reports.first).path
    let typo = tool.folder.appending(path: "typo.key").path
    let new = tool.folder.appending(path: "new.key").path
    for words in [
      ["sign", report, "--key", typo],
      ["ledger", "rotate", "--key", typo, "--new-key", new],
      ["drill", "--plan", try tool.plan(), "--key", typo],
      ["drill", "--plan", try tool.plan(), "--ledger-key", typo],
    ] {
      let result = try run(words, state: samples.path)
      #expect(result.status == 1, "\(words[0]): \(result.output)")
      #expect(result.errors.contains("there is no key\n  on:  \(typo)\n"), "\(result.errors)")
      #expect(result.errors.contains("mosaic-dr keys --key \(typo)"))
    }
    for path in [typo, new] { #expect(!FileManager.default.fileExists(atPath: path)) }
    #expect(!FileManager.default.fileExists(atPath: "\(samples.path)/journal.sqlite"))
    #expect(try run(["keys", "--key", typo]).status == 0)
    #expect(try run(["sign", report, "--key", typo]).status == 0)
  }

  @Test(arguments: ["verify", "sign"])
  func whatIsNoReportIsNoForgery(command: String) throws {
    let key = command == "sign" ? ["--key", tool.folder.appending(path: "key").path] : []
    let absent = tool.folder.appending(path: "absent").path
    let missing = try run([command, absent] + key)
    #expect(missing.status == 1)
    #expect(missing.errors.contains("there is no such file or folder\n  on:  \(absent)\n"))
    let strange = tool.folder.appending(path: "strange")
    try FileManager.default.createDirectory(at: strange, withIntermediateDirectories: true)
    try Data().write(to: strange.appending(path: "notes.txt"))
    for path in [strange.path, strange.appending(path: "notes.txt").path] {
      let other = try run([command, path] + key)
      #expect(other.status == 1)
      #expect(other.errors.contains("this is no report's folder"), "\(other.errors)")
      #expect(!other.errors.contains("Do not rely on it"))
    }
    #expect(try run([command, strange.path] + key).errors.contains("it holds notes.txt"))
    // A report that lost its envelope is still a report that does not verify.
    try Data().write(to: strange.appending(path: "report.json.zst"))
    #expect(try run(["verify", strange.path]).status == 6)
  }

  @Test func aLedgerOfAnotherPlaceIsNoGoodLedger() throws {
    for words in [["ledger"], ["ledger", "verify"], ["ledger", "anchor"]] {
      let result = try run(words)
      #expect(result.status == 1)
      #expect(result.errors.contains("there is no such folder\n  on:  \(tool.state)\n"))
    }
    #expect(!FileManager.default.fileExists(atPath: tool.state))
    try makeJournal()
    let plans = try run(["ledger", "verify", "--plans", "\(tool.state)/plans"])
    #expect(plans.status == 1)
    #expect(plans.errors.contains("there is no such folder\n  on:  \(tool.state)/plans\n"))
    #expect(plans.errors.contains("Check --plans and $MOSAIC_DR_PLANS."))
  }

  @Test func reportsThatAreGoneFromTheDiskAreNamed() throws {
    let samples = tool.folder.appending(path: "samples")
    try FileManager.default.copyItem(at: Tool.root.appending(path: "docs/samples"), to: samples)
    #expect(try !run(["ledger", "verify"], state: samples.path).output.contains("on the disk\n"))
    try FileManager.default.removeItem(at: samples.appending(path: "reports"))
    let audit = try run(["ledger", "verify"], state: samples.path)
    let gone = audit.output.split(separator: "\n").filter {
      $0.hasPrefix("look  entry ") && $0.hasSuffix(" that is not on the disk")
    }
    #expect(gone.count == 4, "\(audit.output)")
    #expect(gone.contains { $0.contains("of run \(Self.run)") })
  }

  @Test(arguments: [
    "ledger verify", "ledger anchor", "schedule write --systemd DIR",
    "schedule check --systemd DIR", "cleanup --orphans",
  ])
  func whatAnswersWithTextAloneRefusesJSON(command: String) throws {
    try makeJournal()
    let folder = tool.folder.appending(path: "units").path
    let words = command.split(separator: " ").map { $0 == "DIR" ? folder : String($0) }
    let result = try run(words + ["--output", "json"])
    #expect(result.status == 2, "\(result.output)")
    #expect(result.errors.contains("does not write json"), "\(result.errors)")
    #expect(result.output.isEmpty && !FileManager.default.fileExists(atPath: folder))
  }

  @Test func aFileThatIsNotNamedAsItsPlanIsTold() throws {
    let plan = try tool.plan()
    let told = try run(["validate", plan])
    #expect(told.status == 0)
    #expect(told.errors.contains("warning: the plan is named 'rds-prod', and its file is not"))
    let good = try run(["validate", Tool.root.appending(path: "plans/rds-prod.yaml").path])
    #expect(good.errors.isEmpty, "\(good.errors)")
    let folder = tool.folder.appending(path: "units").path
    let text = try String(contentsOfFile: plan, encoding: .utf8)
    #expect(text.contains("schedule:"))
    let written = try run(["schedule", "write", "--systemd", folder, "--plan", plan])
    #expect(written.status == 1)
    #expect(written.errors.contains("the unit looks for rds-prod.yaml"), "\(written.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder))
  }
}
