/// Commands that are made from the declarations of all commands.
enum HelpCommands {
  static func completion(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    switch try arguments.operand("SHELL") {
    case "bash": terminal.output(CompletionScript.bash(Command.all))
    case "zsh": terminal.output(CompletionScript.zsh(Command.all))
    case "fish": terminal.output(CompletionScript.fish(Command.all))
    case let shell:
      throw UsageError(
        message: "there is no completion for '\(shell)'", fix: "Choose one of: bash, zsh, fish.")
    }
    return .success
  }

  static func manual(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let format = try arguments.choice("--format", of: ["man", "markdown"])
    guard let name = arguments.operands.first else {
      terminal.output(
        format == "markdown"
          ? CommandReference.markdown(Command.all) : ManualPage.overview(Command.all))
      return .success
    }
    guard let command = Command.all.first(where: { $0.name == name }) else {
      throw UsageError(message: "there is no command '\(name)'", fix: "See 'mosaic-dr --help'.")
    }
    terminal.output(
      format == "markdown" ? CommandReference.section(on: command) : ManualPage.page(of: command))
    return .success
  }
}
