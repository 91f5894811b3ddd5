import Measurement
import Platform

/// Text from outside made safe for one kind of output. What is evidence may be hostile: a name, an
/// error message or a value that was read can hold markup or control characters.
enum OutputText {
  /// For HTML and XML, in text and in quoted attributes.
  static func markup(_ text: String) -> String {
    var safe = ""
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "&": safe += "&amp;"
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "\"": safe += "&quot;"
      case "'": safe += "&#39;"
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  /// For a cell of a Markdown table.
  static func markdown(_ text: String) -> String {
    var safe = ""
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "\n", "\t": safe += " "
      case "\\", "`", "*", "_", "[", "]", "|", "#", "!", "~":
        safe += "\\"
        safe.unicodeScalars.append(scalar)
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "&": safe += "&amp;"
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }

  /// For a field of CSV (RFC 4180). A spreadsheet takes `=1+1` for a formula: such text gets a `'`.
  static func csv(_ text: String) -> String {
    var text = printable(text)
    if let first = text.first, "=+-@\t\r".contains(first), Int64(text) == nil { text = "'" + text }
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }

  /// For a terminal: without the characters that steer one.
  static func terminal(_ text: String) -> String { printable(text) }

  /// Control characters, and those that turn the direction of writing around, are shown as `�`.
  private static func printable(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
      let value = scalar.value
      let isControl =
        (value < 0x20 && value != 0x0A && value != 0x09) || (0x7F...0x9F).contains(value)
        || (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
        || (0xFFFE...0xFFFF).contains(value & 0xFFFF)
      safe.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return safe
  }

  /// A length of time for people.
  static func readable(_ milliseconds: Int64?) -> String {
    milliseconds.map { Duration.milliseconds($0).readable } ?? "not measured"
  }

  /// A verdict for people.
  static func words(_ verdict: Verdict) -> String {
    switch verdict {
    case .pass: "Pass"
    case .passWithExceptions: "Pass with exceptions"
    case .fail: "Fail"
    case .notMeasured: "Not measured"
    }
  }

  /// Whether an objective is met, in words.
  static func outcome(_ achievement: Achievement) -> String {
    switch (achievement.isMet, achievement.achieved) {
    case (nil, _): "no objective"
    case (true, _): "met"
    case (false, nil): "not measured"
    case (false, _): "missed"
    }
  }
}
