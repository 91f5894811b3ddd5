import Testing

@testable import StrictJSON

@Suite struct JSONTests {
  @Test func writesTheCanonicalForm() throws {
    let value: JSONValue = [
      "b": [1, true, .null], "a": "é\u{1}\"\\\n/", "A": [:], "empty": [],
    ]
    #expect(
      String(decoding: try value.canonicalBytes(), as: UTF8.self)
        == #"{"A":{},"a":"é\u0001\"\\\n/","b":[1,true,null],"empty":[]}"#)
  }

  @Test func refusesWhatHasNoCanonicalForm() {
    #expect(throws: JSONWriteError.inexactNumber("9007199254740992")) {
      try JSONValue.integer(9_007_199_254_740_992).canonicalBytes()
    }
    #expect(throws: JSONWriteError.inexactNumber("1.5")) {
      try JSONValue.decimal("1.5").canonicalBytes()
    }
    #expect(throws: JSONWriteError.keyOutsideASCII("é")) {
      try JSONValue.object(["é": 1]).canonicalBytes()
    }
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "01", "-", "1.", "1e", "+1", "nul", "tru",
    "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "1 2", "{\"a\":1,\"a\":2}",
    "9223372036854775808", "[1}", "\"abc", "{1:2}", "// no\n1", "NaN",
  ])
  func refusesWhatIsNotStrictJSON(text: String) {
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: Array(text.utf8)) }
  }

  @Test func namesTheDuplicateKeyAndWhereItStands() {
    #expect(
      throws: JSONParseError(offset: 7, problem: "the key 'a' stands here a second time")
    ) {
      try JSONValue(parsing: Array(#"{"a":1,"a":2}"#.utf8))
    }
  }

  @Test func keysWithOtherBytesAreOtherKeys() throws {
    let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
    let value = try JSONValue(parsing: Array(text.utf8))
    #expect(value.objectValue?.members.count == 2)
  }

  @Test func depthAndSizeAreBounded() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: deep) }
    #expect(throws: JSONParseError.self) {
      try JSONValue(parsing: Array("[1,2,3]".utf8), limits: JSONLimits(size: 6, depth: 4))
    }
    #expect(throws: JSONParseError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func readsSurrogatePairsAndEscapes() throws {
    let value = try JSONValue(parsing: Array(#""\ud83d\ude00\u00e9\/\b""#.utf8))
    #expect(value == "😀é/\u{8}")
  }

  struct Sample: Codable, Equatable {
    var name: String
    var count: Int
    var optional: Int64?
    var list: [Inner]
    var map: [String: Bool]
    struct Inner: Codable, Equatable { var value: UInt8? }
    enum Choice: Codable, Equatable {
      case none
      case some(Int)
    }
    var choice: Choice
    var raw: JSONValue
  }

  @Test(arguments: [nil, Int64.max])
  func codableComesBackAsItWas(optional: Int64?) throws {
    let sample = Sample(
      name: "x", count: -3, optional: optional, list: [.init(value: 1), .init(value: nil)],
      map: ["a": true], choice: .some(4), raw: ["deep": [1, .null]])
    let value = try JSONValue(encoding: sample)
    let decoded: Sample = try value.decode()
    #expect(decoded == sample)
    let empty: [String: [Int]] = [:]
    #expect(try JSONValue(encoding: empty) == [:])
    #expect(try JSONValue(encoding: [Int]()) == [])
  }

  @Test func fractionsAndMismatchesAreErrors() throws {
    #expect(throws: EncodingError.self) { try JSONValue(encoding: ["a": 1.5]) }
    #expect(throws: DecodingError.self) { try JSONValue.integer(300).decode(UInt8.self) }
    #expect(throws: DecodingError.self) { try JSONValue.string("1").decode(Int.self) }
  }
}
