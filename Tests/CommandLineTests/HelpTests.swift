import Foundation
import Testing

@testable import mosaic_dr

/// Completion, manual pages and help are made from one declaration of the commands.
@Suite struct HelpTests {
  @Test func optionsAreReadFromTheUsage() {
    let usage = """
      report RUN [--format text|json] [--yes]
             mosaic-dr report trend --plan NAME [--key FILE|agent:NAME]
      """
    #expect(
      UsageOption.all(in: usage) == [
        UsageOption(name: "--format", value: "text|json"), UsageOption(name: "--yes", value: nil),
        UsageOption(name: "--plan", value: "NAME"),
        UsageOption(name: "--key", value: "FILE|agent:NAME"),
      ])
    #expect(UsageOption.all(in: usage).map(\.choices) == [["text", "json"], [], [], []])
  }

  @Test func everyOptionOfEveryCommandIsKnownAndExplained() throws {
    for option in Command.all.flatMap(\.options) + OptionHelp.common {
      #expect(OptionHelp.about(option.name) != nil, "\(option.name)")
      let words = ["plan", option.name] + (option.value == nil ? [] : ["x"])
      #expect(try Arguments(words)[option.name] != nil, "\(option.name)")
    }
  }

  /// Asks the script itself, as bash does when a person presses the tab key.
  @Test(arguments: [
    ("mosaic-dr dri", "drill"), ("mosaic-dr plan --form", "--format"),
    ("mosaic-dr plan --format mer", "mermaid"), ("mosaic-dr plan --plan rds-sn", "rds-snapshot"),
  ])
  func bashCompletes(line: String, expected: String) throws {
    let words = line.split(separator: " ").map { "'\($0)'" }.joined(separator: " ")
    let script = """
      \(CompletionScript.bash(Command.all))
      COMP_WORDS=(\(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _mosaic_dr; printf '%s\\n' "${COMPREPLY[@]}"
      """
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = Tool.root
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let answer = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(answer.split(separator: "\n").contains { $0 == expected }, "\(answer)")
  }

  @Test func anOptionMeansWhatItDoesToTheCommand() {
    for (command, option, word) in [
      ("verify", "--plan", "SHA-256"), ("runs", "--plan", "only the runs"),
      ("report", "--plan", "runs are listed"), ("ledger", "--plans", "must be there"),
      ("permissions", "--mode", "rights"), ("preflight", "--mode", "(the default)"),
    ] {
      let text = OptionHelp.about(option, of: command) ?? ""
      #expect(text.contains(word), "\(command) \(option): \(text)")
      let entry = Command.all.first { $0.name == command }
      #expect(entry.map(HelpText.text)?.contains(text) == true)
      #expect(entry.map(CommandReference.section)?.contains(text) == true)
    }
    #expect(OptionHelp.about("--plan", of: "drill") == OptionHelp.about("--plan"))
  }

  @Test(arguments: Command.all.map(\.name))
  func helpExplainsEveryOption(name: String) throws {
    let command = try #require(Command.all.first { $0.name == name })
    let lines = HelpText.text(on: command).split(separator: "\n").map(String.init)
    for option in command.options + OptionHelp.common {
      let about = try #require(OptionHelp.about(option.name, of: name))
      let place = try #require(
        lines.firstIndex { $0.hasPrefix("  \(option.name)") }, "\(option.name)")
      #expect(lines[place...].prefix(2).contains { $0.hasSuffix(about) }, "\(option.name)")
    }
    #expect(lines.contains { $0.contains("exit codes") })
  }

  @Test func helpOfACommandIsAskedForInTwoWays() throws {
    let tool = try Tool()
    let one = try tool.run("help", "drill")
    #expect(one.status == 0 && one.output.contains("--max-regression"))
    #expect(try tool.run("drill", "--help").output == one.output)
    #expect(try tool.run("help", "dril").status == 2)
    #expect(try tool.run("help").output == tool.run("--help").output)
  }

  @Test func everyCommandHasAManualPageWithItsOptions() {
    for command in Command.all {
      let page = ManualPage.page(of: command)
      #expect(page.contains(".SH SYNOPSIS"))
      for option in command.options {
        #expect(page.contains(option.name.replacing("-", with: "\\-")), "\(command.name)")
      }
      #expect(ManualPage.overview(Command.all).contains("\\fB\(command.name)\\fR"))
    }
  }

  @Test(arguments: Command.all.map(\.name))
  func everyCommandHasExamplesThatAreRead(name: String) throws {
    let examples = CommandExamples.of(name)
    #expect(!examples.isEmpty)
    for example in examples {
      let words = example.prefix { $0 != ">" }.split(separator: " ").dropFirst().map(String.init)
      let arguments = try Arguments(words.filter { !$0.hasPrefix("\"") && !$0.hasSuffix("\"") })
      #expect(arguments.command == name)
    }
  }

  @Test func theCommandReferenceIsUpToDate() throws {
    let file = Tool.root.appending(path: "docs/commands.md")
    #expect(
      try String(contentsOf: file, encoding: .utf8) == CommandReference.markdown(Command.all)
        + "\n",
      "run: mosaic-dr manual --format markdown > docs/commands.md")
  }

  @Test func anOptionOfAnotherCommandIsRefused() async throws {
    let arguments = try Arguments(["runs", "--reason", "none"])
    await #expect(throws: UsageError.self) {
      try await Command.run(arguments, terminal: Terminal())
    }
  }
}
