import Testing

@testable import HTTPClient

/// The loop is woken when it waits, and only then. One that is not woken waits for a minute.
@Suite struct WakingTests {
  @Test func whoeverFindsTheLoopWaitingWakesItAndNobodyElse() {
    let mailbox = Mailbox()
    #expect(mailbox.post { $0.cancellations.append(1) } == .isAwake)
    #expect(!mailbox.mayWait())
    #expect(mailbox.post { $0.cancellations.append(2) } == .isAwake)
    #expect(mailbox.take().cancellations == [1, 2])
    #expect(mailbox.mayWait())
    #expect(mailbox.post { $0.cancellations.append(3) } == .mustBeWoken)
    #expect(mailbox.post { $0.cancellations.append(4) } == .isAwake)
    #expect(mailbox.take().cancellations == [3, 4])
    #expect(mailbox.take().isEmpty)
    #expect(mailbox.mayWait())
    #expect(mailbox.post { $0.isStopping = true } == .mustBeWoken)
    #expect(mailbox.take().isStopping)
    #expect(mailbox.close().isEmpty)
    #expect(mailbox.post { $0.cancellations.append(5) } == .isClosed)
    #expect(mailbox.take().isEmpty)
  }

  /// Some come while the loop works, some while it falls asleep, some while it sleeps.
  @Test func everyOneOfThousandsIsAnsweredSoon() async throws {
    let server = try await PythonServer("mirror_server.py")
    let client = HTTPClient()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for name in 0..<12 {
        group.addTask {
          for number in 0..<250 {
            let started = ContinuousClock.now
            let answer = try await client.send(server.request("GET", "/\(name)/\(number)"))
            #expect(answer.text == "GET /\(name)/\(number)\n")
            try #require(ContinuousClock.now - started < .seconds(30))
            if number.isMultiple(of: 9) { await Task.yield() }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Between two of them there is nothing to do.
  @Test func oneThatComesAloneIsAnsweredSoon() async throws {
    let server = try await PythonServer("mirror_server.py")
    let client = HTTPClient()
    for number in 0..<300 {
      let started = ContinuousClock.now
      let answer = try await client.send(server.request("GET", "/alone/\(number)"))
      #expect(answer.status == 200)
      try #require(ContinuousClock.now - started < .seconds(30))
    }
  }

  @Test func aCancellationWakesTheLoop() async throws {
    let server = try await PythonServer("mirror_server.py")
    let client = HTTPClient()
    for _ in 0..<50 {
      let waiting = Task { try await client.send(server.request("GET", "/wait")) }
      try await Task.sleep(for: .milliseconds(5))
      let started = ContinuousClock.now
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      try #require(ContinuousClock.now - started < .seconds(30))
    }
  }
}
