import Compression
import Cryptography
import Foundation
import Platform
import StrictJSON
import Testing

@testable import Evidence

/// Canonical JSON and zstd frames against vectors that others made.
@Suite struct FormatVectorTests {
  @Test func canonicalJSONIsThatOfRFC8785OrRefused() throws {
    let vector = try Fixture.vector("jcs")
    var written = 0
    for item in try #require(vector["cases"] as? [[String: Any]]) {
      let input = try #require(item["input_json"] as? String)
      let expected = try #require(item["jcs_utf8"] as? String)
      do {
        let bytes = try JSONValue(parsing: Array(input.utf8)).canonicalBytes()
        #expect(String(decoding: bytes, as: UTF8.self) == expected, "\(item["name"] ?? "")")
        #expect(SHA256.digest(of: bytes).hex == item["sha256"] as? String)
        written += 1
      } catch is JSONWriteError {
        // Fractions, and keys that sort differently from reader to reader, are never written.
        #expect(input.contains { ".eE".contains($0) } || !input.allSatisfy(\.isASCII))
      }
    }
    #expect(written >= 2)
    for text in ["[9007199254740992]", "[-9007199254740992]"] {
      let value = try JSONValue(parsing: Array(text.utf8))
      #expect(throws: JSONWriteError.self) { try value.canonicalBytes() }
    }
    for text in ["[NaN]", "[Infinity]", "[\"\\ud800\"]"] {
      #expect(throws: JSONParseError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }
  }

  @Test func framesOfOthersAreReadWithinLimits() throws {
    let vector = try Fixture.vector("zstd-frames")
    let dsse = try Fixture.vector("dsse")
    let good = try #require((vector["good_hex"] as? String).flatMap { Hex.decode($0) })
    let content = try ZstdFrame.decompress(good)
    #expect(String(decoding: content, as: UTF8.self) == dsse["report_json_utf8"] as? String)
    for (name, value) in try #require(vector["cases"] as? [String: String]) {
      guard let frame = Hex.decode(value) else {
        #expect(name == "window_2GiB_300MB_zeros")
        continue
      }
      #expect(throws: Problem.self, "\(name)") { try ZstdFrame.decompress(frame) }
    }
    let bomb = try Data(contentsOf: Fixture.tests.appending(path: "Vectors/bomb-window31.zst"))
    #expect(throws: Problem.self) { try ZstdFrame.decompress(Array(bomb)) }
  }

  @Test func framesOfOurOwnAreOneWholeFrame() throws {
    let content = Array(repeating: UInt8(7), count: 100_000)
    let frame = try ZstdFrame.compress(content)
    #expect(try ZstdFrame.decompress(frame) == content)
    for broken in [frame + frame, frame + [0], Array(frame.dropLast()), []] {
      #expect(throws: Problem.self) { try ZstdFrame.decompress(broken) }
    }
    // What nobody would read is not written; a frame that says that it is larger is not begun with.
    let large = ZstdFrame.maximumContent + 1
    #expect(throws: Problem.self) { try ZstdFrame.compress(Array(repeating: 0, count: large)) }
    let size = (0..<8).map { UInt8(truncatingIfNeeded: large >> ($0 * 8)) }
    let bomb = #expect(throws: Problem.self) {
      try ZstdFrame.decompress([0x28, 0xB5, 0x2F, 0xFD, 0xE4] + size + [1, 0, 0])
    }
    #expect(bomb?.reason.contains("holds more than") == true)
  }
}
