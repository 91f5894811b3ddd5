/// Completion scripts for shells, made from the commands' own declarations.
enum CompletionScript {
  static func bash(_ commands: [Command.Entry]) -> String {
    let cases = commands.map { command in
      let words = (command.options + OptionHelp.common).map(\.name).joined(separator: " ")
      let operands = command.takesRun ? "$(_mosaic_dr_runs)" : ""
      return "    \(command.name)) words=\"\(words)\" operands=\"\(operands)\" ;;"
    }
    return """
      # bash completion for mosaic-dr
      _mosaic_dr_runs() { mosaic-dr runs 2>/dev/null | cut -d ' ' -f 1; }
      _mosaic_dr_plans() {
        local folder
        for folder in "${MOSAIC_DR_PLANS:-}" plans /etc/mosaic-dr/plans; do
          [ -z "$folder" ] || ls "$folder" 2>/dev/null | sed -n 's/\\.yaml$//p'
        done
      }
      _mosaic_dr() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words operands
        if [ "$COMP_CWORD" -eq 1 ]; then
          COMPREPLY=($(compgen -W "\(commands.map(\.name).joined(separator: " "))" -- "$current"))
          return
        fi
        case "${COMP_WORDS[1]}:$previous" in
      \(choices(commands).map { "    \($0.key)) COMPREPLY=($(compgen -W \"\($0.words)\" -- \"$current\")); return ;;" }
        .joined(separator: "\n"))
        esac
        case "$previous" in
          --plan) COMPREPLY=($(compgen -W "$(_mosaic_dr_plans)" -- "$current") $(compgen -f -- "$current")); return ;;
          --plans|--state|--trust|--key|--checkpoint|--new-key|--passphrase-file)
            COMPREPLY=($(compgen -f -- "$current")); return ;;
        esac
        case "${COMP_WORDS[1]}" in
      \(cases.joined(separator: "\n"))
        esac
        case "$current" in
          -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
          *) COMPREPLY=($(compgen -W "$operands" -- "$current") $(compgen -f -- "$current")) ;;
        esac
      }
      complete -o filenames -F _mosaic_dr mosaic-dr
      """
  }

  static func zsh(_ commands: [Command.Entry]) -> String {
    let list = commands.map { "    '\($0.name):\(quoted($0.about))'" }.joined(separator: "\n")
    let cases = commands.map { command in
      let options = (command.options + OptionHelp.common).map { zshOption($0, of: command) }.joined(
        separator: " ")
      let operands =
        command.takesRun
        ? "'*:run:($(mosaic-dr runs 2>/dev/null | cut -d\" \" -f1))'" : "'*:file:_files'"
      return "    \(command.name)) _arguments \(options) \(operands) ;;"
    }
    return """
      #compdef mosaic-dr
      _mosaic_dr() {
        local -a commands
        commands=(
      \(list)
        )
        if (( CURRENT == 2 )); then
          _describe command commands
          return
        fi
        local command=$words[2]
        words=("$words[1]" "${(@)words[3,-1]}")
        (( CURRENT-- ))
        case $command in
      \(cases.joined(separator: "\n"))
        esac
      }
      _mosaic_dr "$@"
      """
  }

  static func fish(_ commands: [Command.Entry]) -> String {
    var lines = [
      "# fish completion for mosaic-dr", "complete -c mosaic-dr -n __fish_use_subcommand -f",
    ]
    for command in commands {
      lines.append(
        "complete -c mosaic-dr -n __fish_use_subcommand -a \(command.name) -d '\(quoted(command.about))'"
      )
      let here = "-n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.options + OptionHelp.common {
        let value =
          option.choices.isEmpty
          ? option.value == nil ? "" : " -r" : " -x -a '\(option.choices.joined(separator: " "))'"
        lines.append(
          "complete -c mosaic-dr \(here) -l \(option.name.dropFirst(2))\(value)"
            + " -d '\(quoted(OptionHelp.about(option.name, of: command.name) ?? ""))'")
      }
      if command.takesRun {
        lines.append(
          "complete -c mosaic-dr \(here) -a '(mosaic-dr runs 2>/dev/null | cut -d \" \" -f 1)'")
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func choices(_ commands: [Command.Entry]) -> [(key: String, words: String)] {
    commands.flatMap { command in
      command.options.filter { !$0.choices.isEmpty }.map {
        ("\(command.name):\($0.name)", $0.choices.joined(separator: " "))
      }
    }
  }

  private static func zshOption(_ option: UsageOption, of command: Command.Entry) -> String {
    let about = "[\(quoted(OptionHelp.about(option.name, of: command.name) ?? ""))]"
    guard let value = option.value else { return "'\(option.name)\(about)'" }
    let label = value.filter { $0 != ":" }
    let action = option.choices.isEmpty ? "_files" : "(\(option.choices.joined(separator: " ")))"
    return "'\(option.name)=\(about):\(label):\(action)'"
  }

  private static func quoted(_ text: String) -> String { text.replacing("'", with: "’") }
}
