import Foundation
import HTTPClient
import Synchronization
import Testing

/// Answers that are read while they arrive.
@Suite final class StreamTests {
  private let client = HTTPClient()
  private let server: PythonServer
  private var url: String { server.url }

  init() async throws { server = try await PythonServer("streaming_server.py") }

  private func get(_ path: String) -> HTTPRequest {
    HTTPRequest(method: "GET", url: url + path, timeout: .seconds(300))
  }

  @Test func whatHasArrivedIsReadBeforeTheRestIsThere() async throws {
    let answer = try await client.stream(get("/gated"))
    #expect(answer.status == 200)
    let pieces = answer.body.makeAsyncIterator()
    #expect(try await pieces.next() == Array("one\n".utf8))
    _ = try await client.send(get("/open"))
    #expect(try await pieces.next() == Array("two\n".utf8))
    #expect(try await pieces.next() == nil)
  }

  /// The body is eight times as large as what is kept of it.
  @Test func aSlowReaderGetsEveryByte() async throws {
    var count = 0
    var last: [UInt8] = []
    for try await piece in try await client.stream(get("/large")).body {
      if count.isMultiple(of: 3) { await Task.yield() }
      count += piece.count
      last = piece
    }
    #expect(count == 8_000_000)
    #expect(String(decoding: last.suffix(8), as: UTF8.self) == "0000999\n")
  }

  @Test func whoeverStopsReadingEndsTheTransfer() async throws {
    do {
      let answer = try await client.stream(get("/endless"))
      _ = try await answer.body.collect(upTo: 10)
    }
    #expect(try await client.send(get("/left")).status == 200)
  }

  @Test func aCancelledReaderIsTold() async throws {
    let answer = try await client.stream(get("/gated"))
    let reader = Task { try await answer.body.collect(upTo: 100) }
    reader.cancel()
    await #expect(throws: CancellationError.self) { try await reader.value }
  }

  @Test func aBodyIsHandedOnAsItComesAndKeptNowhere() async throws {
    let count = Mutex(0)
    let answer = try await client.send(get("/large")) { bytes in
      count.withLock { $0 += bytes.count }
      return true
    }
    #expect(answer.body.isEmpty)
    #expect(count.withLock { $0 } == 8_000_000)
  }

  @Test func aBodyThatIsNotTakenEndsTheTransfer() async throws {
    let error = await #expect(throws: TransportError.self) {
      _ = try await client.send(get("/endless")) { _ in false }
    }
    #expect(error?.kind == .answerTooLarge)
  }
}
