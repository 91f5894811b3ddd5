import Testing

@testable import mosaic_dr

/// Lines of prose on narrow terminals.
@Suite struct WordWrapTests {
  @Test(arguments: [
    ("short", 10, "short"),
    ("  ready      quotas: 1 of 40", 20, "  ready      quotas:\n      1 of 40"),
    ("one two three", 7, "one two\n    three"), ("averylongword and", 6, "averylongword\n    and"),
    ("        deep", 6, "        deep"),
  ])
  func linesBreakBetweenWordsOnly(line: String, columns: Int, expected: String) {
    #expect(line.wrapped(to: columns) == expected)
  }
}
