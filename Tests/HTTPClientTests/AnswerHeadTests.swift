import Platform
import Testing

@testable import HTTPClient

@Suite struct AnswerHeadTests {
  private static let names: [StaticString] = ["Date", "Age", "x", "Content-Length", "ETag"]

  /// What is looked up by name is what reading every field finds.
  @Test func oneFieldIsReadAsAllAre() {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    func one(of choices: [String]) -> String { choices[Int(random.next() % UInt64(choices.count))] }
    var found = 0
    for _ in 0..<5_000 {
      var head = AnswerHead()
      let lines = (0..<random.next() % 6).map { _ in
        one(of: [
          "Date", "date", "DATE", "Dat", "Dated", "Date ", " Date", "Age", "aGE", "x", "ETag", "",
          "\u{0}",
        ])
          + one(of: [":", ": ", ":\t", "", " : "]) + one(of: ["", "1", "a: b", " x ", "\u{0}y"])
          + one(of: ["\r\n", "\n", ""])
      }
      for line in ["HTTP/1.1 200 OK\r\n"] + lines {
        Array(line.utf8).withUnsafeBytes { head.take($0) }
      }
      let answer = HTTPAnswer(ReceivedAnswer(status: 200, head: head, body: []))
      for name in Self.names {
        #expect(
          answer.value(of: name) == head.fields.value(of: "\(name)"), "\(lines), seed \(seed)")
        found += answer.value(of: name) == nil ? 0 : 1
      }
      #expect(answer.headers == head.fields)
    }
    #expect(found > 1_000)
  }
}
