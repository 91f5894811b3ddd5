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
    lines += [".SH OPTIONS"] + options(OptionHelp.common, of: nil) + [".SH EXIT STATUS"]
    for code in ExitCode.allCases {
      lines += [".TP", "\\fB\(code.rawValue)\\fR", sentence(code.meaning)]
    }
    lines.append(".SH ENVIRONMENT")
    for (name, meaning) in environment { lines += [".TP", "\\fB\(name)\\fR", sentence(meaning)] }
    lines += [
      ".PP",
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
    lines += options(command.options, of: command.name) + options(OptionHelp.common, of: nil)
    lines += [
      ".SH EXIT STATUS", "0 when all is well; \\fBmosaic\\-dr\\fR(1) lists the others.",
    ]
    lines += [".SH EXAMPLES", ".nf"] + CommandExamples.of(command.name).map(escaped) + [".fi"]
    lines += [".SH SEE ALSO", "\\fBmosaic\\-dr\\fR(1)"]
    return lines.joined(separator: "\n")
  }

  private static let environment = [
    ("MOSAIC_DR_EVIDENCE", "the settings of anchors, notices and telemetry, as --evidence"),
    ("MOSAIC_DR_KEY", "the key that signs reports, as --key"),
    ("MOSAIC_DR_LEDGER_KEY", "the key of the ledger, as --ledger-key"),
    ("MOSAIC_DR_LEDGER_ORIGIN", "the name of a ledger that is begun"),
    ("MOSAIC_DR_PASSPHRASE", "the passphrase of the key"),
    ("MOSAIC_DR_PLANS", "where plans are looked up"),
    ("MOSAIC_DR_STATE", "where the journal, the signing key and the reports are"),
    ("NO_COLOR", "set to anything, it keeps colour out of the terminal"),
  ]

  private static func head(_ title: String, _ name: String) -> [String] {
    [
      ".TH \(escaped(title)) 1 \"\" \"mosaic-dr \(Surroundings.version)\" \"Disaster recovery\"",
      ".SH NAME", name,
    ]
  }

  private static func options(_ options: [UsageOption], of command: String?) -> [String] {
    options.flatMap { option in
      [
        ".TP",
        "\\fB\(escaped(option.name))\\fR" + (option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""),
        sentence(OptionHelp.about(option.name, of: command) ?? "see the usage above"),
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
