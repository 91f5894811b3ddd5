import Testing

@testable import Recoveries

@Suite struct ExpectationTests {
  @Test(arguments: [
    (">= 1000", "1000", true), (">= 1000", "999.99", false), ("< 10", "9", true),
    ("< 10", "-10", true), ("> -2", "-3", false), ("== 1.50", "1.5", true), ("15", "15.0", true),
    ("!= x", "y", true), ("yes", "yes", true), (">= 1", "many", false),
    (">= 99999999999999999999999999", "100000000000000000000000000", true), ("== 0", "-0", true),
  ])
  func comparesExactly(text: String, value: String, holds: Bool) throws {
    #expect(try #require(Expectation(text)).isSatisfied(by: value) == holds)
  }

  @Test func nullSatisfiesNothing() throws {
    for text in ["!= 1", "== 0", ">= 0", "x"] {
      #expect(try !#require(Expectation(text)).isSatisfied(by: nil))
    }
    #expect(Expectation(">=") == nil)
    #expect(Expectation(" ") == nil)
  }
}
