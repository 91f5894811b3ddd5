/// What `--help` says, made from the commands' own declarations.
enum HelpText {
  /// Names and values that are longer have their meaning in the next line.
  private static let widestName = 28

  /// The program as a whole.
  static func overview(_ commands: [Command.Entry]) -> String {
    let rows = commands.map { "  \($0.name.rightPadded(11)) \($0.about)" }.joined(separator: "\n")
    return """
      mosaic-dr: disaster recovery that survives what it recovers from

      usage: mosaic-dr <command> [options]

      \(rows)

      options of all:
        --version
      \(common)

      'mosaic-dr help <command>' explains a command and its options.

      examples:
        mosaic-dr validate plans/rds-prod.yaml
        mosaic-dr plan --plan rds-prod --format mermaid
        mosaic-dr drill --plan rds-prod
      """
  }

  /// One command.
  static func text(on command: Command.Entry) -> String {
    let own = command.options.map { row($0, of: command.name) }.joined(separator: "\n")
    let examples = CommandExamples.of(command.name).map { "  \($0)" }.joined(separator: "\n")
    return """
      usage: mosaic-dr \(command.usage)

      \(command.about)
      \(own.isEmpty ? "" : "\noptions:\n\(own)\n")
      options of all:
      \(common)

      examples:
      \(examples)

      'mosaic-dr manual' lists what exit codes mean.
      """
  }

  private static var common: String {
    OptionHelp.common.map { row($0, of: nil) }.joined(separator: "\n")
  }

  private static func row(_ option: UsageOption, of command: String?) -> String {
    let name = option.name + (option.value.map { " \($0)" } ?? "")
    let meaning = OptionHelp.about(option.name, of: command) ?? ""
    let indent = String(repeating: " ", count: widestName + 1)
    return name.count > widestName
      ? "  \(name)\n  \(indent)\(meaning)" : "  \(name.rightPadded(widestName)) \(meaning)"
  }
}
