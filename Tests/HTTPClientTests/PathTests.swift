import Foundation
import HTTPClient
import Testing

/// A path is what was signed, and the name of an object: nothing on the way may tidy it up.
@Suite final class PathTests {
  private let server: PythonServer
  private var url: String { server.url }

  init() async throws { server = try await PythonServer("path_server.py") }

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
