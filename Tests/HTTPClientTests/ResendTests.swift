import Foundation
import HTTPClient
import Testing

/// libcurl sends a request again when a connection that it has used before closes without a word.
@Suite(.serialized) struct ResendTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "closing_server.py")

  /// What the server saw of a GET and then a POST.
  private func seen(mayBeRepeated: Bool?) async throws -> [String] {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-B", Self.script.path, file.path]
    try process.run()
    defer {
      kill(process.processIdentifier, SIGKILL)
      try? FileManager.default.removeItem(at: file)
    }
    let lines = {
      try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }
    while try lines().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    let url = "http://127.0.0.1:\(try lines()[0])/"
    let client = HTTPClient()
    let get = HTTPRequest(method: "GET", url: url, timeout: .seconds(10))
    #expect(try await client.send(get).status == 200)
    let post = HTTPRequest(
      method: "POST", url: url, body: [1], timeout: .seconds(10), mayBeRepeated: mayBeRepeated)
    let error = await #expect(throws: TransportError.self) { try await client.send(post) }
    #expect(error?.mayHaveArrived == true)
    return Array(try lines().dropFirst())
  }

  @Test func whatChangesSomethingIsNeverSentTwice() async throws {
    #expect(try await seen(mayBeRepeated: nil) == ["GET", "POST"])
  }

  @Test func whatMayBeRepeatedIs() async throws {
    #expect(try await seen(mayBeRepeated: true) == ["GET", "POST", "POST"])
  }
}
