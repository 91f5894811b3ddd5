/// An option as a command's usage line shows it: completion and manual pages are made from the same
/// words as `--help`.
struct UsageOption: Equatable {
  /// `--format`
  let name: String
  /// What follows it, as `FILE` or `text|json`; nil for a flag.
  let value: String?

  /// The words to choose from; empty when the value is free.
  var choices: [String] {
    let words = (value ?? "").split(separator: "|").map(String.init)
    let isFixed = words.allSatisfy { $0.allSatisfy { $0.isLowercase || $0 == "-" } }
    return words.count > 1 && isFixed ? words : []
  }

  /// The options of a usage line, each once, in its order: a word that starts with `--`, and the
  /// word behind it unless a bracket closes between them.
  static func all(in usage: String) -> [UsageOption] {
    let words = usage.split { $0 == " " || $0 == "\n" }
    var found: [UsageOption] = []
    for (index, word) in words.enumerated() {
      let bare = word.drop { $0 == "[" || $0 == "(" }
      guard bare.hasPrefix("--") else { continue }
      let name = String(bare.prefix { $0 != "]" })
      guard !found.contains(where: { $0.name == name }) else { continue }
      let next = index + 1 < words.count ? words[index + 1] : ""
      let takesNext = !bare.hasSuffix("]") && !next.isEmpty && !next.hasPrefix("[") && next != "|"
      found.append(
        UsageOption(
          name: name,
          value: takesNext && !next.hasPrefix("--") ? String(next.prefix { $0 != "]" }) : nil))
    }
    return found
  }
}

extension Command.Entry {
  /// The options of this command alone.
  var options: [UsageOption] { UsageOption.all(in: usage) }
  /// The word below which the command expects a run's identifier.
  var takesRun: Bool { usage.split { $0 == " " || $0 == "\n" }.contains("RUN") }
  /// Whether the command expects files.
  var takesFile: Bool { usage.contains("FILE") || usage.contains("FOLDER") }
}
