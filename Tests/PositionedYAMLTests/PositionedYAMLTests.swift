import Testing

@testable import PositionedYAML

@Suite struct PositionedYAMLTests {
  private func parse(_ text: String, _ limits: YAMLLimits = .standard) throws -> YAMLNode {
    try YAMLDocument.parse(Array(text.utf8), limits: limits)
  }

  private func error(_ text: String, _ limits: YAMLLimits = .standard) -> YAMLError? {
    error(Array(text.utf8), limits)
  }

  private func error(_ bytes: [UInt8], _ limits: YAMLLimits = .standard) -> YAMLError? {
    do {
      _ = try YAMLDocument.parse(bytes, limits: limits)
      return nil
    } catch { return error }
  }

  private func at(_ line: Int, _ column: Int) -> SourcePosition {
    .init(line: line, column: column)
  }

  @Test func keepsPositionsAndOrder() throws {
    let root = try parse("name: x\nlist:\n  - 'a'\n  - {k: é, m: z}\n")
    #expect(root.entries?.map(\.key) == ["name", "list"])
    #expect(root.position == at(1, 1))
    let list = try #require(root["list"]?.elements)
    #expect(list[0].kind == .scalar("a", .quoted) && list[0].position == at(3, 5))
    #expect(list[1]["m"]?.position == at(4, 15))
    #expect(list[1].entries?[1].keyPosition == at(4, 12))
  }

  @Test func tellsPlainFromQuoted() throws {
    let root = try parse("a: 5\nb: \"5\"\nc: |\n  5\nd:\ne: ~\nf: 'null'\n")
    #expect(root["a"]?.kind == .scalar("5", .plain))
    #expect(root["b"]?.kind == .scalar("5", .quoted))
    #expect(root["c"]?.kind == .scalar("5\n", .quoted))
    #expect(root["d"]?.isNull == true && root["e"]?.isNull == true)
    #expect(root["f"]?.isNull == false)
  }

  @Test func takesAnEmptyTextAsNull() throws {
    #expect(try parse("").isNull && parse("# nothing\n").isNull && parse("---\n").isNull)
  }

  @Test func ignoresAByteOrderMark() throws {
    #expect(try parse("\u{FEFF}a: 1").entries?[0].keyPosition == at(1, 1))
  }

  @Test func expandsAliases() throws {
    let root = try parse("a: &x [1, 2]\nb: *x\n")
    #expect(root["b"] == root["a"])
  }

  @Test func refusesASecondDocument() {
    #expect(error("a: 1\n---\nb: 2\n") == .init(kind: .secondDocument, position: at(2, 1)))
  }

  @Test func refusesADuplicateKeyWithBothPlaces() {
    #expect(
      error("a: 1\nb: 2\na: 3\n")
        == .init(kind: .duplicateKey("a", first: at(1, 1)), position: at(3, 1)))
  }

  @Test func refusesCompositeKeysTagsAndBadAliases() {
    #expect(error("{[1]: 2}\n") == .init(kind: .compositeKey, position: at(1, 2)))
    #expect(
      error("a: !!python/object:os.system x\n")
        == .init(kind: .tag("tag:yaml.org,2002:python/object:os.system"), position: at(1, 4)))
    #expect(error("a: *x\n") == .init(kind: .unknownAlias("x"), position: at(1, 4)))
    #expect(error("a: &x [*x]\n") == .init(kind: .recursiveAlias("x"), position: at(1, 8)))
  }

  @Test func placesWhatIsNotYAML() {
    #expect(error("a:\n\tb: 1\n")?.position == at(2, 1))
    #expect(error("a: [1, 2\n")?.position == at(2, 1))
    #expect(error("a: >= 5\n")?.position == at(1, 5))
    #expect(error("a: >= 5\n")?.remedy.contains("quotes") == true)
    #expect(error(Array("a: 1\nbé: ".utf8) + [0xFF])?.position == at(2, 5))
    #expect(error("a: 1\nb: \u{0}\n")?.position == at(2, 4))
    #expect(error([0xFF, 0xFE, 0x61, 0x00]) != nil)
  }

  @Test func boundsSizeDepthCountAndLength() {
    let limits = YAMLLimits(bytes: 100, depth: 2, nodes: 10, scalarBytes: 8)
    #expect(
      error(String(repeating: " ", count: 101), limits)?.kind == .tooLarge(bytes: 101, limit: 100))
    #expect(error("[[a]]", limits) == nil)
    #expect(
      error("[[[a]]]", limits) == .init(kind: .tooDeep(limit: 2), position: at(1, 4)))
    #expect(error("[1,2,3,4,5,6,7,8,9]", limits) == nil)
    #expect(error("[1,2,3,4,5,6,7,8,9,0]", limits)?.kind == .tooManyNodes(limit: 10))
    #expect(error("a: 123456789", limits)?.kind == .scalarTooLong(bytes: 9, limit: 8))
  }

  @Test func countsTheDepthOfWhatAnAliasStandsFor() {
    #expect(error("a: &x [1]\nb: [*x]\n", YAMLLimits(depth: 3)) == nil)
    #expect(
      error("a: &x [1]\nb: [*x]\n", YAMLLimits(depth: 2))?.kind == .tooDeep(limit: 2))
  }

  @Test func endsABombOfAliasesEarly() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<40 {
      let last = "*a\(level - 1)"
      text +=
        "a\(level): &a\(level) [\([String](repeating: last, count: 9).joined(separator: ", "))]\n"
    }
    #expect(error(text)?.kind == .tooManyNodes(limit: YAMLLimits.standard.nodes))
  }

  @Test func endsDeepAndWideTextsEarly() {
    #expect(error(String(repeating: "[", count: 10_000))?.kind == .tooDeep(limit: 32))
    #expect(error(String(repeating: "- ", count: 10_000))?.kind == .tooDeep(limit: 32))
    #expect(error(String(repeating: "{a: ", count: 10_000))?.kind == .tooDeep(limit: 32))
    #expect(
      error([UInt8](repeating: UInt8(ascii: "a"), count: 10 << 20))?.kind
        == .tooLarge(bytes: 10 << 20, limit: 1 << 20))
    let keys = (0..<100_000).map { _ in "k: 1\n" }.joined()
    #expect(
      error(keys)?.kind == .duplicateKey("k", first: at(1, 1)))
  }
}
