import Foundation
import Testing

/// Holds the imports of the code and the dependencies of the package against the module map.
@Suite struct ModuleMapTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  /// What comes with the toolchain and the system.
  private static let toolchain: Set<String> = ["Dispatch", "Glibc", "Synchronization"]

  /// The table of docs/architecture.md: module to what it may import.
  private func map() throws -> [String: Set<String>] {
    let text = try String(
      contentsOf: Self.root.appending(path: "docs/architecture.md"), encoding: .utf8)
    var map: [String: Set<String>] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| ") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5, cells[1] != "module", !cells[1].hasPrefix("-") else { continue }
      map[cells[1]] = Set(cells[3].split(separator: " ").map(String.init))
    }
    return map
  }

  @Test func everyImportIsAllowed() throws {
    let map = try map()
    #expect(map.count == 21)
    let sources = Self.root.appending(path: "Sources")
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var seen = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      let module = file.path.dropFirst(sources.path.count + 1).prefix { $0 != "/" }
      let allowed = try #require(map[String(module)], "\(module) is not in the module map")
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.contains("import"), words.count <= 3, let name = words.last,
          words[0] == "import" || words[1] == "import"
        else { continue }
        seen += 1
        #expect(
          allowed.contains(String(name)) || Self.toolchain.contains(String(name)),
          "\(file.lastPathComponent) of \(module) imports \(name)")
      }
    }
    #expect(seen > 100)
  }

  /// The picture leaves out arrows that lead where others lead too, and nothing else.
  @Test func thePictureShowsTheMap() throws {
    let map = try map()
    let text = try String(
      contentsOf: Self.root.appending(path: "docs/architecture.md"), encoding: .utf8)
    var arrows: [String: Set<String>] = [:]
    for line in text.split(separator: "\n") {
      guard let arrow = line.firstMatch(of: /^  ([\w-]+) --> (.+)$/) else { continue }
      arrows[String(arrow.output.1)] = Set(
        arrow.output.2.split(separator: " & ").map(String.init))
    }
    func reached(from module: String) -> Set<String> {
      let next = arrows[module] ?? []
      return next.reduce(into: next) { $0.formUnion(reached(from: $1)) }
    }
    for (module, allowed) in map {
      #expect((arrows[module] ?? []).isSubset(of: allowed), "\(module)")
      #expect(
        allowed.filter { map[$0] != nil }.allSatisfy(reached(from: module).contains), "\(module)")
    }
  }

  @Test func thePackageDeclaresWhatTheMapAllows() throws {
    let package = try String(
      contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8)
    for (module, allowed) in try map() {
      guard
        let start = package.range(of: "name: \"\(module)\",\n      dependencies: [")?.upperBound
          ?? package.range(of: "\"\(module)\", imports: [")?.upperBound
          ?? package.range(of: "\"\(module)\",\n      imports: [")?.upperBound
          ?? package.range(of: "\"\(module)\",\n      imports: [\n")?.upperBound,
        let end = package[start...].firstIndex(of: "]")
      else {
        Issue.record("\(module) is not in Package.swift")
        continue
      }
      let declared = package[start..<end].split(whereSeparator: { "\", \n".contains($0) })
      #expect(Set(declared.map(String.init)) == allowed, "\(module)")
    }
  }

  @Test func noHandWrittenSourceIsTooLongToRead() throws {
    let sources = Self.root.appending(path: "Sources")
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= 500, "\(file.lastPathComponent)")
    }
  }
}
