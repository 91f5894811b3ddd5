import Foundation
import Testing

@testable import mosaic_dr

/// What the pages say of the program, held against its own declarations; scripts/docs-test runs their
/// commands.
@Suite struct DocumentTests {
  /// Options of other programs that the pages speak of.
  private static let foreign: Set<String> = [
    "--every", "--full", "--random", "--seed", "--kubernetes", "--seaweed", "--rounds", "--waiting",
    "--folder", "--fast-list", "--kms-key-id",
  ]

  @Test func thereArePages() {
    #expect(Document.pages.contains("docs/concepts.md"))
    #expect(Document.handwrittenRunbooks.contains("runbooks/declare-incident.md"))
    #expect(!Document.handwrittenRunbooks.contains("runbooks/rds-prod.md"))
  }

  @Test(arguments: Document.pages)
  func everyCommandOfTheProgramIsOneThatItTakes(page: String) throws {
    let document = try Document(page)
    for text in document.inlineCode where text.hasPrefix("mosaic-dr ") { try check(text, in: page) }
    for block in document.blocks {
      for line in block.text.replacing("\\\n", with: " ").split(separator: "\n") {
        for match in line.matches(of: /(?:^|\$ |\$\(|[|;] |run: )(mosaic-dr [a-z][^|;#)]*)/) {
          try check(String(match.output.1), in: block.place)
        }
      }
    }
  }

  @Test(arguments: Document.pages)
  func everyOptionIsKnown(page: String) throws {
    for text in try Document(page).inlineCode {
      guard let name = text.firstMatch(of: /^--[a-z-]+/).map({ String($0.output) }) else {
        continue
      }
      #expect(
        OptionHelp.about(name) != nil || Self.foreign.contains(name), "\(page): \(text)")
    }
  }

  @Test(arguments: Document.pages)
  func everyLinkLeadsSomewhere(page: String) throws {
    let folder = Tool.root.appending(path: page).deletingLastPathComponent()
    for link in try Document(page).text.matches(of: /\]\(([^)#]+)(#[^)]*)?\)/) {
      let target = String(link.output.1)
      guard !target.contains("://") else { continue }
      #expect(
        FileManager.default.fileExists(atPath: folder.appending(path: target).path),
        "\(page): \(target)")
    }
  }

  @Test(arguments: Document.pages)
  func swiftIsPartOfAFileThatIsCompiled(page: String) throws {
    let examples = try ["PutNotice", "WorkedExampleTests"].map { name in
      try String(
        contentsOf: Tool.root.appending(path: "Tests/CommandLineTests/\(name).swift"),
        encoding: .utf8)
    }
    for block in try Document(page).blocks where block.language == "swift" {
      #expect(examples.contains { $0.contains(block.text) }, "\(block.place)")
    }
  }

  /// Runs the command line through the program's own reader, with what stands for something left out.
  private func check(_ text: String, in place: String) throws {
    let line = text.prefix { $0 != ">" }.replacing(/[\[\]"'…]/, with: " ")
    var words = line.split(separator: " ").map(String.init).dropFirst()
    // `approve|cancel`, `[--mode drill|restore]`: the first of what there is to choose from.
    words = ArraySlice(words.map { String($0.prefix { $0 != "|" }) })
    guard let name = words.first, name != "COMMAND", name != "<command>", name != "[options]",
      !name.hasPrefix("$"), !name.hasPrefix("--")
    else { return }
    guard let command = Command.all.first(where: { $0.name == name }) else {
      Issue.record("\(place): there is no command '\(name)': \(text)")
      return
    }
    do throws(UsageError) {
      let arguments = try Arguments(Array(words))
      #expect(arguments.option(unknownTo: command) == nil, "\(place): \(text)")
    } catch {
      // A sentence may name an option without its value.
      if !error.message.hasSuffix("needs a value") {
        Issue.record("\(place): \(text): \(error.message)")
      }
    }
  }
}
