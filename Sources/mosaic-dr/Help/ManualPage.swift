import Platform

/// Manual pages in roff (man(7)), made from the commands' own declarations.
enum ManualPage {
  /// The page of the program as a whole.
  static func overview(_ commands: [Command.Entry]) -> String {
    var lines = head(
      "MOSAIC-DR", "mosaic-dr \\- disaster recovery that survives what it recovers from")
    lines += [".SH SYNOPSIS", ".B mosaic\\-dr", ".I command", "[options]", ".SH COMMANDS"]
    for command in commands {
      lines += [".TP", "\\fB\(escaped(command.name))\\fR", sentence(command.about)]
    }
    lines += [".SH OPTIONS"] + options(OptionHelp.common) + [".SH EXIT STATUS"]
    for code in ExitCode.allCases {
      lines += [".TP", "\\fB\(code.rawValue)\\fR", sentence(code.meaning)]
    }
    lines += [
      ".SH ENVIRONMENT", ".TP", "\\fBMOSAIC_DR_PLANS\\fR", "Where plans are looked up.", ".TP",
      "\\fBMOSAIC_DR_STATE\\fR", "Where the journal, the signing key and the reports are.", ".TP",
      "\\fBNO_COLOR\\fR", "Set to anything, it keeps colour out of the terminal.", ".PP",
      "AWS is reached with the variables and files of the AWS command line; Kubernetes with those of kubectl.",
      ".SH FILES", ".TP", "\\fI/etc/mosaic\\-dr/plans\\fR", "Plans.", ".TP",
      "\\fI~/.local/state/mosaic\\-dr\\fR",
      "State, unless MOSAIC_DR_STATE or XDG_STATE_HOME says otherwise.",
      ".SH SEE ALSO",
    ]
    lines.append(
      commands.map { "\\fBmosaic\\-dr\\-\(escaped($0.name))\\fR(1)" }.joined(separator: ",\n"))
    return lines.joined(separator: "\n")
  }

  /// The page of one command.
  static func page(of command: Command.Entry) -> String {
    var lines = head(
      "MOSAIC-DR-\(command.name.uppercased())",
      "mosaic-dr-\(command.name) \\- \(escaped(command.about))")
    lines += [".SH SYNOPSIS", ".nf"]
    lines += command.usage.split(separator: "\n").map { line in
      let words = line.trimmingPrefix(while: { $0 == " " })
      return escaped(
        words.hasPrefix("mosaic-dr") || words.hasPrefix("[") ? "\(words)" : "mosaic-dr \(words)")
    }
    lines += [".fi", ".SH DESCRIPTION", sentence(command.about), ".SH OPTIONS"]
    lines += options(command.options + OptionHelp.common)
    lines += [".SH EXAMPLES", ".nf"] + CommandExamples.of(command.name).map(escaped) + [".fi"]
    lines += [".SH SEE ALSO", "\\fBmosaic\\-dr\\fR(1)"]
    return lines.joined(separator: "\n")
  }

  private static func head(_ title: String, _ name: String) -> [String] {
    [
      ".TH \(escaped(title)) 1 \"\" \"mosaic-dr \(Surroundings.version)\" \"Disaster recovery\"",
      ".SH NAME", name,
    ]
  }

  private static func options(_ options: [UsageOption]) -> [String] {
    options.flatMap { option in
      [
        ".TP",
        "\\fB\(escaped(option.name))\\fR" + (option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""),
        sentence(OptionHelp.about(option.name) ?? "see the usage above"),
      ]
    }
  }

  private static func sentence(_ text: String) -> String {
    let text = escaped(text)
    return text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  /// A backslash, a hyphen that is to be copied as one, and a leading dot or quote mean something.
  private static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing(
      "…", with: "...")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
