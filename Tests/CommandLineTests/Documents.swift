import Foundation

/// A page of the documentation, or a runbook.
struct Document {
  /// A fenced block of a page.
  struct Block {
    let page: String
    /// Where it begins, for messages.
    let line: Int
    /// What it is written in: `sh`, `yaml`, `text` …
    let language: String
    let lines: [String]

    var place: String { "\(page):\(line)" }
    var text: String { lines.joined(separator: "\n") }
  }

  /// From the root of the repository: `docs/concepts.md`.
  let path: String
  let text: String
  let blocks: [Block]
  /// What stands between single backquotes outside of blocks.
  let inlineCode: [String]

  init(_ path: String) throws {
    self.path = path
    text = try String(contentsOf: Tool.root.appending(path: path), encoding: .utf8)
    var blocks: [Block] = []
    var prose = ""
    var open: (line: Int, language: String, lines: [String])?
    for (index, line) in text.components(separatedBy: "\n").enumerated() {
      if line.hasPrefix("```") {
        if let ended = open {
          blocks.append(
            Block(page: path, line: ended.line, language: ended.language, lines: ended.lines))
          open = nil
        } else {
          open = (index + 1, String(line.dropFirst(3)), [])
        }
      } else if open != nil {
        open?.lines.append(line)
      } else {
        prose += line + "\n"
      }
    }
    self.blocks = blocks
    // Code may go on in the next line.
    inlineCode = prose.matches(of: /`([^`]+)`/).map {
      String($0.output.1).replacing("\n", with: " ")
    }
  }

  /// Every page that is written by hand, and the references.
  static let pages = ["README.md"] + names(in: "docs") + handwrittenRunbooks
  /// The frames around the runbooks that are made from plans.
  static let handwrittenRunbooks = names(in: "runbooks").filter { page in
    let plan = page.replacing("runbooks/", with: "plans/").replacing(".md", with: ".yaml")
    return !FileManager.default.fileExists(atPath: Tool.root.appending(path: plan).path)
  }

  private static func names(in folder: String) -> [String] {
    let all = try? FileManager.default.contentsOfDirectory(
      atPath: Tool.root.appending(path: folder).path)
    return (all ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
  }
}
