import Platform
import Testing

@Suite struct TextTests {
  @Test func textsAreTheSameBytesOrNot() {
    let long = String(repeating: "prefix/", count: 40)
    let texts = [
      "", "a", "b", "ab", "e\u{301}", "\u{E9}", "a\u{323}\u{307}", "a\u{307}\u{323}", "\u{0}",
      "fifteen bytes.-", "sixteen bytes..-", long, long + "a", long + "b", String(long.dropLast()),
    ]
    for (index, one) in texts.enumerated() {
      for (place, other) in texts.enumerated() {
        #expect(one.hasSameBytes(as: other) == (index == place), "\(one), \(other)")
        #expect((one + other).hasSameBytes(as: "\(one)\(other)"))
      }
    }
  }
}
