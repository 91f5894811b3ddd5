import Platform
import Testing

@testable import NameResolution

@Suite struct DNSMessageTests {
  /// An answer to 0x1234: `db.example` is an alias of `new.db.example`, whose name points back into
  /// the question, and that has the address 10.1.2.3 for 30 seconds.
  private var answer: [UInt8] {
    let question: [UInt8] = [2] + Array("db".utf8) + [7] + Array("example".utf8) + [0, 0, 1, 0, 1]
    let alias: [UInt8] =
      [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 6, 3] + Array("new".utf8) + [0xC0, 12]
    let address: [UInt8] = [0xC0, 12 + 16 + 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 1, 2, 3]
    return [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0] + question + alias + address
  }

  @Test func aQuestionIsWrittenAsTheStandardSays() throws {
    let bytes = try DNSMessage.question("db.example", .alias, identifier: 0x1234)
    #expect(
      bytes == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2] + Array("db".utf8) + [7]
        + Array("example".utf8) + [0, 0, 5, 0, 1])
    #expect(throws: Problem.self) {
      try DNSMessage.question(String(repeating: "a", count: 64), .address, identifier: 1)
    }
  }

  @Test func namesThatPointBackAreFollowed() throws {
    #expect(
      try DNSMessage.answers(in: answer, identifier: 0x1234) == [
        DNSRecord(name: "db.example", type: .alias, ttl: 60, value: "new.db.example"),
        DNSRecord(name: "new.db.example", type: .address, ttl: 30, value: "10.1.2.3"),
      ])
  }

  @Test func whatIsNoAnswerToTheQuestionIsRefused() throws {
    #expect(throws: Problem.self) { try DNSMessage.answers(in: answer, identifier: 0x1235) }
    for length in 0..<answer.count {
      #expect(throws: Problem.self, "\(length) bytes") {
        try DNSMessage.answers(in: Array(answer.prefix(length)), identifier: 0x1234)
      }
    }
    var looping = answer
    looping[40] = 40
    looping[29] = 0xC0
    looping[41] = 40
    _ = try? DNSMessage.answers(in: looping, identifier: 0x1234)
    var missing: [UInt8] = Array(answer.prefix(28))
    missing[3] = 0x83
    missing[7] = 0
    #expect(try DNSMessage.answers(in: missing, identifier: 0x1234) == [])
  }
}
