import Cryptography
import PositionedYAML

/// What of a plan's file decides what a run does and what it is judged by: steps, targets, checks,
/// objectives, approvals, tags. How it is written does not, nor what only people and timers read.
enum ExecutedPart {
  /// The fields that no step, check or figure of a run comes from.
  private static let leftOut: [[String]] = [
    ["metadata", "owner"], ["spec", "schedule"], ["spec", "scenario"], ["spec", "controls"],
  ]

  /// Its SHA-256.
  static func digest(of root: YAMLNode) -> String {
    SHA256.digest(of: Array(text(of: root, at: []).utf8)).hex
  }

  /// The node in a form that every way to write the same has, and nothing else.
  private static func text(of node: YAMLNode, at path: [String]) -> String {
    switch node.kind {
    case .scalar(let text, _):
      if node.isNull { return "~" }
      // What is quoted is a text, even where it could be a number.
      return (node.string == nil ? "p" : "t") + counted(text)
    case .sequence(let items):
      return "[" + items.map { text(of: $0, at: path + ["-"]) }.joined() + "]"
    case .mapping(let entries):
      let fields = entries.filter { !leftOut.contains(path + [$0.key]) }
        .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      return "{"
        + fields.map { counted($0.key) + text(of: $0.value, at: path + [$0.key]) }.joined() + "}"
    }
  }

  private static func counted(_ text: String) -> String { "\(text.utf8.count):\(text)" }
}
