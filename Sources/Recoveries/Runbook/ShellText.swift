/// Words as a POSIX shell reads them back.
public enum ShellText {
  private static let safe = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+")
  /// A longer command is told over several lines.
  private static let width = 100

  /// A command, its options one a line when it is long.
  ///
  /// - Parameter isTemplate: whether what stands in angle brackets stays so, for a person to fill in.
  static func command(_ words: [String], isTemplate: Bool = false) -> String {
    let quoted = words.map { isTemplate ? templateWord($0) : word($0) }
    let line = quoted.joined(separator: " ")
    guard line.count > width else { return line }
    return quoted.reduce("") { text, word in
      if text.isEmpty { return word }
      return text + (word.hasPrefix("--") ? " \\\n  " : " ") + word
    }
  }

  /// The names that stand in angle brackets.
  static func placeholders(in words: [String]) -> Set<String> {
    Set(
      words.flatMap { word in
        (placeholders(in: word) ?? []).filter { $0.isPlaceholder && !$0.text.hasPrefix("$") }
          .map(\.text)
      })
  }

  private static func templateWord(_ text: String) -> String {
    let names = (placeholders(in: text) ?? []).filter(\.isPlaceholder)
    return names.contains { !$0.text.hasPrefix("$") } ? text : word(text)
  }

  /// What stands in angle brackets becomes a variable, or is left to the shell when it begins with a
  /// dollar; everything else is taken as it is.
  public static func word(_ text: String) -> String {
    if !text.isEmpty, text.allSatisfy(safe.contains) { return text }
    guard text.contains("<"), let parts = placeholders(in: text) else {
      return "'" + text.replacing("'", with: "'\\''") + "'"
    }
    return "\""
      + parts.map { part -> String in
        guard part.isPlaceholder else { return escaped(part.text) }
        return part.text.hasPrefix("$") ? part.text : "${\(variable(part.text))}"
      }.joined() + "\""
  }

  /// The same for what a command reads: a document in place, in which variables are filled in.
  static func document(_ text: String) -> String {
    guard let parts = placeholders(in: text) else { return "<<'EOF'\n\(text)\nEOF" }
    let filled = parts.map { text, isPlaceholder in
      guard isPlaceholder else {
        return text.map { "\\$`".contains($0) ? "\\\($0)" : "\($0)" }.joined()
      }
      return text.hasPrefix("$") ? text : "${\(variable(text))}"
    }
    return "<<EOF\n\(filled.joined())\nEOF"
  }

  /// The variable's name for what is found on the way.
  static func variable(_ what: String) -> String {
    String(what.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  private static func escaped(_ text: String) -> String {
    text.map { "\\\"$`".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// Nil when no bracket holds a name: then it is a sign in a query.
  private static func placeholders(
    in text: String
  ) -> [(text: String, isPlaceholder: Bool)]? {
    var parts: [(String, Bool)] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let name = rest[rest.index(after: start)..<end]
      let isName =
        name.first?.isLetter == true
        && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == " " }
      guard isName || name.hasPrefix("$") else { return nil }
      parts.append((String(rest[..<start]), false))
      parts.append((String(name), true))
      rest = rest[rest.index(after: end)...]
    }
    guard !parts.isEmpty else { return nil }
    return parts + [(String(rest), false)]
  }
}
