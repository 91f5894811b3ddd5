import Testing

@testable import KubernetesClient

@Suite struct WatchDecoderTests {
  private static let stream =
    #"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"5"}}}"# + "\n"
    + #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"# + "\n\n"
    + #"{"type":"ERROR","object":{"kind":"Status","code":410}}"# + "\n"

  /// Frames and pieces have nothing to do with each other.
  @Test(arguments: 1...40)
  func eventsAreTheSameInPiecesOfAnySize(size: Int) throws {
    let bytes = Array(Self.stream.utf8)
    var decoder = WatchDecoder()
    var events: [WatchEvent] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      events += try decoder.take(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    #expect(events.count == 3)
    #expect(events.first?.resourceVersion == "5")
    #expect(events.dropFirst().first == .bookmark(resourceVersion: "9"))
    #expect(events.last?.resourceVersion == nil)
  }

  @Test(arguments: ["no json\n", "{}\n", #"{"type":"NEWS","object":{}}"# + "\n"])
  func whatIsNoEventIsRefused(line: String) {
    var decoder = WatchDecoder()
    #expect(throws: (any Error).self) { try decoder.take(Array(line.utf8)) }
  }
}
