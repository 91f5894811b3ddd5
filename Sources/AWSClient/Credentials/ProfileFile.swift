import Platform

/// An `~/.aws/config` or `~/.aws/credentials` file: sections of `key = value` lines, and below a key
/// without a value indented `key = value` lines of its own.
///
/// Format: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
struct ProfileFile: Sendable {
  /// The keys under one heading.
  struct Section: Sendable {
    var values: [String: String] = [:]
    /// Indented keys, by the key above them.
    var nested: [String: [String: String]] = [:]
  }

  private let sections: [String: Section]

  static let maximumSize = 1 << 20

  init(text: String) {
    var sections: [String: Section] = [:]
    var current: String?
    var parent: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let content = Self.withoutComment(line)
      if content.isEmpty { continue }
      if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
        let name = Self.heading(content[content.index(after: content.startIndex)..<end])
        current = name
        parent = nil
        sections[name] = sections[name] ?? Section()
        continue
      }
      guard let current, let equals = content.firstIndex(of: "=") else { continue }
      let key = content[..<equals].trimmingWhitespace()
      let value = content[content.index(after: equals)...].trimmingWhitespace()
      if line.first == " " || line.first == "\t" {
        if let parent { sections[current]?.nested[parent, default: [:]][key] = value }
      } else {
        sections[current]?.values[key] = value
        parent = value.isEmpty ? key : nil
      }
    }
    self.sections = sections
  }

  /// Reads the file; empty when it does not exist.
  init(path: String) throws(FileError) {
    do throws(FileError) {
      let bytes = try DurableFile.read(path, limit: Self.maximumSize)
      self.init(text: String(decoding: bytes, as: UTF8.self))
    } catch {
      guard error.isMissing else { throw error }
      self.init(text: "")
    }
  }

  /// The keys of a profile: `[name]` in a credentials file, `[profile name]` in a config file.
  func profile(_ name: String) -> [String: String]? { section(of: name)?.values }

  func section(of profile: String) -> Section? {
    sections["profile \(profile)"] ?? sections[profile]
  }

  /// A section by its whole heading: `sso-session work`.
  func section(_ heading: String) -> Section? { sections[heading] }

  /// A number sign or a semicolon begins a comment, at the start of a line or behind a space.
  private static func withoutComment(_ line: Substring) -> String {
    var isAfterSpace = true
    for index in line.indices {
      let character = line[index]
      if isAfterSpace, character == "#" || character == ";" {
        return line[..<index].trimmingWhitespace()
      }
      isAfterSpace = character == " " || character == "\t"
    }
    return line.trimmingWhitespace()
  }

  /// `profile "name with spaces"` and `profile   name` are the same as `profile name`.
  private static func heading(_ text: Substring) -> String {
    let words = text.split(maxSplits: 1, omittingEmptySubsequences: true) {
      $0 == " " || $0 == "\t"
    }
    return words.map { word in
      let trimmed = word.trimmingWhitespace()
      let isQuoted = trimmed.count > 1 && trimmed.first == trimmed.last
      return isQuoted && (trimmed.first == "\"" || trimmed.first == "'")
        ? String(trimmed.dropFirst().dropLast()) : trimmed
    }.joined(separator: " ")
  }
}
