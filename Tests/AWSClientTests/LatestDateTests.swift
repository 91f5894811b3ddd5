import Platform
import Testing

@testable import AWSClient

@Suite struct LatestDateTests {
  private static let texts = [
    "Tue, 24 Nov 2026 03:00:00 GMT", "Tue, 24 Nov 2026 03:00:01 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "", "GMT", "Tue, 24 Nov 2026 03:00:00", "Tue, 24 Nov 2026 03:00:00 UTC",
    "Tue, 24 nov 2026 03:00:00 GMT", "Tue, 31 Nov 2026 03:00:00 GMT", "Tue, 24 Nov 26 03:00:00 GMT",
    "Tue, 24 Nov 2026 24:00:00 GMT", "Tue, 24 Nov 2026 3:00:00 GMT",
    "Tuesday, 24-Nov-26 03:00:00 GMT",
    "Tue Nov 24 03:00:00 2026", "Tue, -4 Nov 2026 03:00:00 GMT", "Tue, 24 Nov 2026 03:00:00 +0000",
  ]

  /// Whatever was read before, and however often.
  @Test func everyTextIsReadAsWithoutMemory() {
    let latest = Latest<String, Timestamp?>()
    for first in Self.texts {
      for second in Self.texts + Self.texts {
        #expect(latest.product(of: first, HTTPDate.read) == HTTPDate.read(first), "\(first)")
        #expect(latest.product(of: second, HTTPDate.read) == HTTPDate.read(second), "\(second)")
      }
    }
  }

  @Test func onlyTheFormOfTheStandardIsADate() {
    #expect(HTTPDate.read(Self.texts[0]) == Timestamp("2026-11-24T03:00:00Z"))
    #expect(Self.texts.filter { HTTPDate.read($0) != nil } == Array(Self.texts.prefix(3)))
  }
}
