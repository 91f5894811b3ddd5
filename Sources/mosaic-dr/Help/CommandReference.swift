/// The reference of commands as Markdown, made from the commands' own declarations.
enum CommandReference {
  /// Every command, with what is common to all.
  static func markdown(_ commands: [Command.Entry]) -> String {
    let contents = commands.map { "[`\($0.name)`](#\($0.name))" }.joined(separator: " · ")
    let codes = ExitCode.allCases.map { "| \($0.rawValue) | \($0.meaning) |" }
    return """
      # Commands

      `mosaic-dr COMMAND [options]`. This page is made by `mosaic-dr manual --format markdown`; `mosaic-dr COMMAND --help` and the manual
      pages say the same. In examples `\(CommandExamples.run)` stands for a run, as `mosaic-dr runs` lists them.

      \(contents)

      ## Common options

      \(table(OptionHelp.common, of: nil))

      ## Exit codes

      | code | meaning |
      | --- | --- |
      \(codes.joined(separator: "\n"))

      \(commands.map(section(on:)).joined(separator: "\n\n"))
      """
  }

  /// One command.
  static func section(on command: Command.Entry) -> String {
    """
    ## `\(command.name)`

    \(command.about.prefix(1).uppercased())\(command.about.dropFirst()).

    ```text
    \(synopsis(of: command))
    ```
    \(command.options.isEmpty ? "" : "\n" + table(command.options, of: command.name) + "\n")
    ```sh
    \(CommandExamples.of(command.name).joined(separator: "\n"))
    ```
    """
  }

  private static func synopsis(of command: Command.Entry) -> String {
    "mosaic-dr \(command.usage)".replacing("\n       mosaic-dr", with: "\nmosaic-dr")
  }

  private static func table(_ options: [UsageOption], of command: String?) -> String {
    let rows = options.map { option in
      let value = option.value.map { " \($0.replacing("|", with: "\\|"))" } ?? ""
      return "| `\(option.name)\(value)` | \(OptionHelp.about(option.name, of: command) ?? "") |"
    }
    return (["| option | meaning |", "| --- | --- |"] + rows).joined(separator: "\n")
  }
}
