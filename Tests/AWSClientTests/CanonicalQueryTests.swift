import Platform
import Testing

@testable import AWSClient

/// A query is taken as it is exactly when rewriting it would change nothing.
@Suite struct CanonicalQueryTests {
  private func hold(_ query: String) {
    let bytes = Array(query.utf8)
    let rewritten = CanonicalQuery.rewritten(bytes)
    // An empty one is not worth recognising.
    #expect(CanonicalQuery.isCanonical(bytes) == (rewritten == query && !query.isEmpty), "\(query)")
    #expect(CanonicalQuery.of(query) == rewritten, "\(query)")
    #expect(CanonicalQuery.of(rewritten) == rewritten, "\(query)")
  }

  @Test(arguments: [
    "a=b", "=", "a=", "=b", "a=b&a=c", "a=b&a=b", "a=b&c=d", "a=1&a-b=0", "A=1&a=0", "a=%2F",
    "a%2Fb=c%20d", "versions=", "a=~-._",
    "encoding-type=url&list-type=2&max-keys=1000&start-after=a%2Fb",
  ])
  func theseAreTakenAsTheyAre(query: String) {
    #expect(CanonicalQuery.isCanonical(Array(query.utf8)))
    hold(query)
  }

  @Test(arguments: [
    "", "&", "a", "a&b", "a=b&", "&a=b", "a=b&&c=d", "a=b=c", "a=c&a=b", "c=d&a=b", "a-b=0&a=1",
    "a=%2f", "a=%41", "a=%7E", "a=%", "a=%2", "a=%2G", "a=%%32", "a=%G2", "a=+", "a=/", "a=b c",
    "a=é", "%61=b", "a=%2F%2f", "a=%C3%a9", "a=%2", "a%=b", "a=b&c%2=d", "a=%&c=d", "a=%2&c=d",
  ])
  func theseAreNot(query: String) {
    #expect(!CanonicalQuery.isCanonical(Array(query.utf8)))
    hold(query)
  }

  @Test func randomQueriesAreRecognisedExactlyWhenTheyAreCanonical() {
    let random = SeededRandom(seed: 22)
    let parts = [
      "a", "b", "B", "-", "~", "0", "=", "=", "=", "&", "&", "%", "%2F", "%2f", "%41", "%3D", "%26",
      "%25", "%0", "%zz", "+", "/", " ", "é", "%C3%A9", "a=a", "&b=", "&a=", "&a-=", "%FF",
    ]
    var canonical = 0
    for _ in 0..<20_000 {
      let query = (0..<Int(random.next() % 9)).map { _ in
        parts[Int(random.next() % UInt64(parts.count))]
      }.joined()
      hold(query)
      if CanonicalQuery.isCanonical(Array(query.utf8)) { canonical += 1 }
    }
    #expect(canonical > 200)
  }
}
