import Foundation
import HTTPClient
import Synchronization
import Testing

/// Handles serve one request after another: nothing of one may show in the next. What a client that has
/// done anything before sends is held against what a new one sends.
@Suite final class ReuseTests {
  private let server: PythonServer
  private let client = HTTPClient()

  init() async throws { server = try await PythonServer("mirror_server.py") }

  /// Requests that differ in all that a request may differ in.
  private var kinds: [HTTPRequest] {
    var idle = server.request("GET", "/idle", [HTTPHeader("X-Idle", "1")])
    idle.idleTimeout = .seconds(30)
    var unverified = server.request("GET", "/unverified")
    unverified.transport.isUnverified = true
    var renamed = server.request("GET", "/renamed?a=b")
    renamed.transport.serverName = "mirror.example"
    var proxied = server.request("GET", "/proxied")
    proxied.transport.proxy = server.url
    return [
      server.request("GET", "/plain"),
      server.request("GET", "/fields", [HTTPHeader("X-One", "1"), HTTPHeader("Accept", "a/b")]),
      server.request("GET", "/hidden", [HTTPHeader("Accept", ""), HTTPHeader("X-Empty", "")]),
      server.request("GET", "/host", [HTTPHeader("host", "elsewhere.example:81")]),
      server.request("GET", "/size/300000"), server.request("GET", "/size/0"),
      server.request("GET", "/status/404"), server.request("GET", "/status/204"),
      server.request("GET", "/once", mayBeRepeated: false),
      server.request("HEAD", "/head", [HTTPHeader("X-Two", "2")]), server.request("HEAD", "/head"),
      server.request("POST", "/post", [HTTPHeader("Content-Type", "a/b")], body: [1, 2, 3]),
      server.request("POST", "/post", body: Array("körper".utf8), mayBeRepeated: true),
      server.request("PUT", "/put", body: [0, 0, 7]), server.request("PUT", "/put"),
      server.request("DELETE", "/delete"), idle, unverified, renamed, proxied,
    ]
  }

  /// An answer, all that may be compared of it.
  private struct Exchanged: Equatable {
    var status: Int
    var seen: String
    var body: [UInt8]
    var fields: [String]

    init(_ status: Int, _ headers: [HTTPHeader], _ body: [UInt8]) {
      self.status = status
      seen = headers.value(of: "X-Seen") ?? ""
      self.body = body
      fields = headers.map(\.name)
    }
  }

  private func exchange(
    _ request: HTTPRequest, by client: HTTPClient, way: Int
  ) async throws -> Exchanged {
    switch way {
    case 0:
      let answer = try await client.send(request)
      return Exchanged(answer.status, answer.headers, answer.body)
    case 1:
      let taken = Mutex<[UInt8]>([])
      let answer = try await client.send(request) { part in
        taken.withLock { $0 += part }
        return true
      }
      return Exchanged(answer.status, answer.headers, answer.body + taken.withLock { $0 })
    default:
      let answer = try await client.stream(request)
      return Exchanged(answer.status, answer.headers, try await answer.body.collect(upTo: 1 << 20))
    }
  }

  @Test func aUsedClientSendsWhatANewOneSends() async throws {
    let kinds = kinds
    var expected: [[Exchanged]] = []
    for kind in kinds {
      var ways: [Exchanged] = []
      for way in 0..<3 { ways.append(try await exchange(kind, by: HTTPClient(), way: way)) }
      expected.append(ways)
    }
    // Every kind comes right after every other: the step between two is each step in turn.
    var index = 0
    for step in 0..<kinds.count {
      for turn in 0..<kinds.count {
        index = (index + step) % kinds.count
        let way = (turn + step) % 3
        let got = try await exchange(kinds[index], by: client, way: way)
        #expect(got == expected[index][way], "\(kinds[index].method) \(kinds[index].url)")
        index = (index + turn % 2) % kinds.count
      }
    }
  }

  @Test func manyAtOnceGetTheirOwnAnswers() async throws {
    for round in 0..<4 {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<60 {
          let name = "\(round)-\(number)"
          let method = ["GET", "HEAD", "POST", "GET"][number % 4]
          let request = server.request(
            method, "/many/\(name)", [HTTPHeader("X-Name", name)],
            body: method == "POST" ? Array(name.utf8) : [])
          group.addTask { [client] in
            let answer = try await client.send(request)
            #expect(answer.seen.contains("\"X-Name\", \"\(name)\""))
            #expect(answer.text == (method == "HEAD" ? "" : "\(method) /many/\(name)\n"))
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func aTimeoutIsItsRequestsAlone() async throws {
    let short = server.request("GET", "/wait", timeout: .milliseconds(200))
    #expect(try await client.send(server.request("GET", "/before")).status == 200)
    let error = await #expect(throws: TransportError.self) { try await client.send(short) }
    #expect(error?.kind == .timedOut)
    let long = Task { [client, server] in try await client.send(server.request("GET", "/wait")) }
    try await Task.sleep(for: .milliseconds(600))
    #expect(try await client.send(server.request("GET", "/go")).status == 200)
    #expect(try await long.value.text == "GET /wait\n")
  }

  @Test func whatWasCancelledLeavesNothing() async throws {
    for number in 0..<20 {
      let fields = [HTTPHeader("X-Cancelled", "\(number)")]
      let cancelled = Task { [client, server] in
        try await client.send(server.request("GET", "/wait", fields))
      }
      if number.isMultiple(of: 2) { try await Task.sleep(for: .milliseconds(10)) }
      cancelled.cancel()
      await #expect(throws: CancellationError.self) { try await cancelled.value }
      let answer = try await client.send(server.request("GET", "/after/\(number)"))
      #expect(answer.text == "GET /after/\(number)\n")
      #expect(!answer.seen.contains("X-Cancelled"))
    }
  }

  @Test func whatFailedLeavesNothing() async throws {
    for number in 0..<5 {
      let cut = server.request("GET", "/cut", [HTTPHeader("X-Cut", "1")])
      let error = await #expect(throws: TransportError.self) { try await client.send(cut) }
      #expect(error?.kind == .connectionLost)
      let untaken = await #expect(throws: TransportError.self) {
        try await client.send(server.request("GET", "/size/100000")) { _ in false }
      }
      #expect(untaken?.kind == .answerTooLarge)
      var small = server.request("GET", "/size/1000")
      small.maximumAnswerSize = 10
      let large = await #expect(throws: TransportError.self) { try await client.send(small) }
      #expect(large?.kind == .answerTooLarge)
      let answer = try await client.send(server.request("GET", "/after/\(number)"))
      #expect(answer.text == "GET /after/\(number)\n")
      #expect(!answer.seen.contains("X-Cut"))
      #expect(try await client.send(server.request("GET", "/size/1000")).body.count == 1_000)
    }
  }

  @Test func onlyWhatMayNotBeRepeatedHasAConnectionOfItsOwn() async throws {
    let plain = server.request("GET", "/plain")
    let first = try await client.send(plain).connection
    #expect(try await client.send(plain).connection == first)
    var known: Set = [first]
    for method in ["GET", "POST", "GET"] {
      let alone = server.request(method, "/alone", mayBeRepeated: false)
      let connection = try await client.send(alone).connection
      #expect(known.insert(connection).inserted)
      #expect(known.contains(try await client.send(plain).connection))
    }
  }
}
