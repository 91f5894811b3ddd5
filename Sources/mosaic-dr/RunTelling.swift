import Platform
import StrictJSON

/// Tells a command that executes or follows a run: to people as text, to programs as one JSON object a
/// line, the last of which says how it ended, whatever happens.
struct RunTelling: Sendable {
  enum Format: String {
    case text, json
  }

  let format: Format
  let terminal: Terminal

  init(_ arguments: Arguments, _ terminal: Terminal) throws(UsageError) {
    format = Format(rawValue: try arguments.choice("--output", of: ["text", "json"])) ?? .text
    self.terminal = terminal
  }

  /// Whether somebody may still read it.
  var isRead: Bool { terminal.isRead(asData: format == .json) }

  /// Data for people.
  func output(_ text: String) {
    if format == .text { terminal.prose(text) }
  }

  /// What a person should know of beside the data.
  func note(_ text: String) {
    if format == .text { terminal.note(text) }
  }

  /// A line for programs; `JSONValue` in its canonical form has no line ends.
  func line(_ json: JSONValue) {
    guard format == .json, let bytes = try? json.canonicalBytes() else { return }
    terminal.output(String(decoding: bytes, as: UTF8.self))
  }

  /// Runs a command and tells its end.
  func ended(_ command: () async throws -> RunEnd) async throws -> ExitCode {
    do {
      let end = try await command()
      line(end.json)
      return end.code
    } catch {
      line(RunEnd(error).json)
      throw error
    }
  }
}
