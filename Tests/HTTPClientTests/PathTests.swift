import Foundation
import HTTPClient
import Testing

/// A path is what was signed, and the name of an object: nothing on the way may tidy it up.
@Suite final class PathTests {
  private let server: PythonServer
  private var url: String { server.url }

  init() async throws { server = try await PythonServer("path_server.py") }

  private func request(_ url: String) -> HTTPRequest {
    HTTPRequest(method: "GET", url: url, timeout: .seconds(60))
  }

  @Test(arguments: [
    "/bucket/a/../b", "/bucket/../../etc", "/bucket/./a//b/.", "/bucket/a/..", "/bucket/%2e%2E/b",
    "/bucket/..a/b..?list-type=2&prefix=a%2F..%2Fb",
  ])
  func theServerSeesThePathAsItStands(target: String) async throws {
    let answer = try await HTTPClient().send(request(url + target))
    #expect(String(decoding: answer.body, as: UTF8.self) == target)
  }

  /// What libcurl changes in a URL before it asks, whatever was asked for before.
  @Test(arguments: [
    ("", "/"), ("?a=b", "/?a=b"), ("?a=/b", "/?a=/b"), ("/a#fragment", "/a"), ("/a?b#c", "/a?b"),
    ("/ä", "/%c3%a4"), ("/a?b?c=/d", "/a?b?c=/d"),
  ])
  func aTargetIsOfItsOwnRequest(rest: String, target: String) async throws {
    let client = HTTPClient()
    for (rest, target) in [("/bucket/a?b=c", "/bucket/a?b=c"), (rest, target)] + [("/d", "/d")] {
      let answer = try await client.send(request(url + rest))
      #expect(String(decoding: answer.body, as: UTF8.self) == target)
    }
  }

  @Test(arguments: ["/a b", "/a\r\nX-Added: 1", "/a\nb", "/a\u{1}", "/a\u{7F}", "/a\t"])
  func whatIsNoURLIsNotSent(rest: String) async throws {
    let client = HTTPClient()
    _ = try await client.send(request(url + "/"))
    let error = await #expect(throws: TransportError.self) {
      try await client.send(request(url + rest))
    }
    #expect(error?.kind == .notARequest)
  }

  @Test(arguments: [
    "http://:0", "http://a b/", "ftp://127.0.0.1/", "//127.0.0.1/", "", "/a?://b/c",
  ])
  func whatLeadsNowhereIsNotARequest(url: String) async throws {
    let error = await #expect(throws: TransportError.self) {
      try await HTTPClient().send(request(url))
    }
    #expect([.notARequest, .nameNotResolved, .connectionRefused].contains(error?.kind))
  }
}
