import Platform

/// The words of a command: its name, its operands, its options.
struct Arguments {
  private static let valued: Set<String> = [
    "--against", "--plan", "--plans", "--state", "--format", "--output", "--incident-time",
    "--point-in-time", "--parallel", "--key", "--trust", "--reason", "--mode", "--keep-days",
    "--account", "--ledger-key", "--new-key", "--passphrase-file", "--evidence", "--challenge",
    "--max-age", "--threshold", "--max-regression", "--checkpoint", "--run", "--region",
    "--systemd", "--kubernetes", "--image", "--namespace",
  ]
  private static let flags: Set<String> = [
    "--help", "--version", "--yes", "--quiet", "--verbose", "--detach-on-approval", "--dry-run",
    "--primary-lost", "--orphans", "--unexpired", "--scheduled", "--template",
  ]

  let command: String?
  let operands: [String]
  private var options: [String: String] = [:]

  init(_ words: [String]) throws(UsageError) {
    var operands: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      let long = word == "-h" ? "--help" : word
      let parts = long.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      if Self.flags.contains(name) {
        options[name] = "true"
      } else if Self.valued.contains(name) {
        guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
          throw UsageError(
            message: "\(name) needs a value", fix: "See 'mosaic-dr \(operands.first ?? "") --help'."
          )
        }
        options[name] = value
      } else {
        throw UsageError(message: "unknown option \(name)", fix: "See 'mosaic-dr --help'.")
      }
    }
    command = operands.first
    self.operands = Array(operands.dropFirst())
  }

  func has(_ flag: String) -> Bool { options[flag] != nil }

  /// An option that is given and that the command does not take.
  func option(unknownTo command: Command.Entry) -> String? {
    let known = Set((command.options + OptionHelp.common).map(\.name))
    return options.keys.sorted().first { !known.contains($0) }
  }

  var verbosity: Terminal.Verbosity {
    has("--quiet") ? .quiet : has("--verbose") ? .verbose : .normal
  }

  subscript(option: String) -> String? { options[option] }

  func required(_ option: String) throws(UsageError) -> String {
    guard let value = options[option] else {
      throw UsageError(message: "\(option) is missing", fix: "Add \(option) and its value.")
    }
    return value
  }

  func operand(_ name: String) throws(UsageError) -> String {
    guard let value = operands.first else {
      throw UsageError(
        message: "\(name) is missing", fix: "Name it: mosaic-dr \(command ?? "") \(name).")
    }
    return value
  }

  func moment(_ option: String) throws(UsageError) -> Timestamp? {
    guard let text = options[option] else { return nil }
    guard let moment = Timestamp(text) else {
      throw UsageError(
        message: "\(option) is no time: \(text)", fix: "Write RFC 3339, as 2026-11-24T03:00:00Z.")
    }
    return moment
  }

  func count(_ option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = options[option] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(
        message: "\(option) cannot be '\(text)'",
        fix: "Give a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return value
  }

  /// `20%` or `20`.
  func percent(_ option: String) throws(UsageError) -> Int64? {
    guard let text = options[option] else { return nil }
    guard let value = Int64(text.hasSuffix("%") ? text.dropLast() : text[...]),
      (0...10_000) ~= value
    else {
      throw UsageError(
        message: "\(option) cannot be '\(text)'", fix: "Give a percentage, such as 20%.")
    }
    return value
  }

  /// `30d`, `12h`, `90m`, `45s`.
  func length(_ option: String) throws(UsageError) -> Duration? {
    guard let text = options[option] else { return nil }
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), let value = Int64(text.dropLast()),
      (0...100_000) ~= value
    else {
      throw UsageError(
        message: "\(option) cannot be '\(text)'", fix: "Give a length of time, such as 30d or 12h.")
    }
    return .seconds(value * unit)
  }

  /// A form that was asked for and is not given would be taken for what was asked for.
  func answersWithTextAlone(
    _ words: String, to option: String = "--output"
  ) throws(UsageError) {
    guard let form = options[option], form != "text" else { return }
    throw UsageError(
      message: "'\(words)' does not write \(form)", fix: "Leave \(option) out: it writes text.")
  }

  func choice(_ option: String, of values: [String]) throws(UsageError) -> String {
    let value = options[option] ?? values[0]
    guard values.contains(value) else {
      throw UsageError(
        message: "\(option) cannot be '\(value)'",
        fix: "Choose one of: \(values.joined(separator: ", ")).")
    }
    return value
  }
}
