import Foundation
import HTTPClient
import Testing

/// A path is what was signed, and the name of an object: nothing on the way may tidy it up.
@Suite final class PathTests {
  private let process = Process()
  private let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  private let url: String

  init() async throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "path_server.py")
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-B", script.path, file.path]
    try process.run()
    var port = ""
    while port.isEmpty {
      try await Task.sleep(for: .milliseconds(20))
      port =
        (try? String(contentsOf: file, encoding: .utf8))?.trimmingCharacters(in: .newlines) ?? ""
    }
    url = "http://127.0.0.1:\(port)"
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    try? FileManager.default.removeItem(at: file)
  }

  @Test(arguments: [
    "/bucket/a/../b", "/bucket/../../etc", "/bucket/./a//b/.", "/bucket/a/..", "/bucket/%2e%2E/b",
    "/bucket/..a/b..?list-type=2&prefix=a%2F..%2Fb",
  ])
  func theServerSeesThePathAsItStands(target: String) async throws {
    let answer = try await HTTPClient().send(
      HTTPRequest(method: "GET", url: url + target, timeout: .seconds(10)))
    #expect(String(decoding: answer.body, as: UTF8.self) == target)
  }
}
