import Foundation
import Synchronization
import Testing

@testable import HTTPClient

/// Tasks that run on the threads that carry transfers.
@Suite(.timeLimit(.minutes(5))) struct ExecutorTests {
  private static func thread() -> UInt { UInt(pthread_self()) }

  @Test func aTaskAndItsTransfersHaveOneThread() async throws {
    let server = try await PythonServer("mirror_server.py")
    let client = HTTPClient(threads: 3)
    #expect(client.executors.count == 3)
    let threads = try await withThrowingTaskGroup(of: UInt.self) { group in
      for (name, executor) in client.executors.enumerated() {
        group.addTask(executorPreference: executor) {
          let own = Self.thread()
          for number in 0..<100 {
            let body = Mutex([UInt8]())
            let answer = try await client.send(server.request("GET", "/\(name)/\(number)")) {
              part in
              #expect(Self.thread() == own)
              body.withLock { $0 += part }
              return true
            }
            #expect(Self.thread() == own)
            #expect(answer.status == 200)
            #expect(body.withLock { $0 } == Array("GET /\(name)/\(number)\n".utf8))
          }
          return own
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(threads.count == 3)
  }

  /// Tasks that wait for each other, for their requests and for those of tasks that run elsewhere.
  @Test func manyTasksShareAThread() async throws {
    let server = try await PythonServer("mirror_server.py")
    let client = HTTPClient(threads: 2)
    let answered = try await withThrowingTaskGroup(of: Int.self) { group in
      for name in 0..<24 {
        group.addTask(executorPreference: name % 3 == 2 ? nil : client.executors[name % 3]) {
          for number in 0..<40 {
            async let other = client.send(server.request("GET", "/other/\(name)/\(number)"))
            let answer = try await client.send(server.request("GET", "/\(name)/\(number)"))
            #expect(answer.text == "GET /\(name)/\(number)\n")
            #expect(try await other.text == "GET /other/\(name)/\(number)\n")
            if number.isMultiple(of: 7) { await Task.yield() }
          }
          return 40
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(answered == 24 * 40)
  }

  @Test func aCancelledTaskOfAThreadEnds() async throws {
    let server = try await PythonServer("mirror_server.py")
    let client = HTTPClient(threads: 2)
    for number in 0..<40 {
      let waiting = Task(executorPreference: client.executors[number % 2]) {
        try await client.send(server.request("GET", "/wait"))
      }
      try await Task.sleep(for: .milliseconds(number % 3))
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
  }

  /// What a task has begun on a thread it can end when the thread is gone with its client.
  @Test(arguments: 0..<20) func aTaskOutlivesItsThread(round: Int) async throws {
    var client: HTTPClient? = HTTPClient(threads: 2)
    let executor = try #require(client?.executors[round % 2])
    let (ticks, ticking) = AsyncStream.makeStream(of: Int.self)
    let (seen, seeing) = AsyncStream.makeStream(of: Int.self)
    let task = Task(executorPreference: executor) {
      var sum = 0
      for await tick in ticks {
        sum += tick
        seeing.yield(tick)
        await Task.yield()
      }
      return sum
    }
    var answers = seen.makeAsyncIterator()
    ticking.yield(1)
    #expect(await answers.next() == 1)
    client = nil
    for tick in 2...10 {
      ticking.yield(tick)
      #expect(await answers.next() == tick)
    }
    ticking.finish()
    #expect(await task.value == 55)
  }
}
