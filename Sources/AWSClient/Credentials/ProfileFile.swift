import Platform

/// An `~/.aws/config` or `~/.aws/credentials` file: sections of `key = value` lines.
///
/// Nested (indented) keys belong to the key above them and are not read here. Format: AWS SDKs and
/// Tools Reference Guide, "Shared config and credentials files".
struct ProfileFile: Sendable {
  private let sections: [String: [String: String]]

  static let maximumSize = 1 << 20

  init(text: String) {
    var sections: [String: [String: String]] = [:]
    var current: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let content = line.trimmingWhitespace()
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
      if content.hasPrefix("["), let end = content.firstIndex(of: "]") {
        let inside = content[content.index(after: content.startIndex)..<end]
        let name = inside.trimmingWhitespace()
        current = name
        sections[name, default: [:]] = sections[name] ?? [:]
        continue
      }
      guard let current, let equals = content.firstIndex(of: "="),
        line.first != " ", line.first != "\t"
      else { continue }
      let key = content[..<equals].trimmingWhitespace()
      sections[current]?[key] = content[content.index(after: equals)...].trimmingWhitespace()
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
  func profile(_ name: String) -> [String: String]? {
    sections["profile \(name)"] ?? sections[name]
  }
}
