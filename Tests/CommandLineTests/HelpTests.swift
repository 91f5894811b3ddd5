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
