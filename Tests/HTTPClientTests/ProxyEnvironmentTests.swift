import Testing

@testable import HTTPClient

@Suite struct ProxyEnvironmentTests {
  private static let here = "http://10.0.0.9:3128"

  @Test(
    arguments: [
      ("http://rds.internal/", ["HTTP_PROXY": here], here),
      ("HTTP://rds.internal/", ["HTTP_PROXY": here], here),
      // libcurl's own matter: encrypted places, and the variable that it reads.
      ("https://rds.us-west-2.amazonaws.com/", ["HTTP_PROXY": here], nil),
      ("http://rds.internal/", ["HTTP_PROXY": here, "http_proxy": "http://other"], nil),
      ("http://rds.internal/", ["HTTPS_PROXY": here], nil),
      // What a client of a CGI program sent is not the administrator's word.
      ("http://rds.internal/", ["HTTP_PROXY": here, "REQUEST_METHOD": "GET"], nil),
    ] as [(String, [String: String], String?)])
  func theLargeVariableCountsForPlainPlacesAlone(
    url: String, environment: [String: String], proxy: String?
  ) {
    #expect(ProxyEnvironment.proxy(for: url) { environment[$0] } == proxy)
  }
}
