import Foundation
import HTTPClient
import Testing

extension HTTPAnswer {
  /// What the server saw, but for the connection; see mirror_server.py.
  var seen: String { headers.value(of: "X-Seen") ?? "" }
  /// The number of the connection that the request came on.
  var connection: String { headers.value(of: "X-Connection") ?? "" }
  var text: String { String(decoding: body, as: UTF8.self) }
}

extension PythonServer {
  /// A request for the server that mirrors.
  func request(
    _ method: String = "GET", _ path: String, _ headers: [HTTPHeader] = [], body: [UInt8] = [],
    timeout: Duration = .seconds(60), mayBeRepeated: Bool? = nil
  ) -> HTTPRequest {
    HTTPRequest(
      method: method, url: url + path, headers: headers, body: body, timeout: timeout,
      mayBeRepeated: mayBeRepeated)
  }
}

/// A certificate for the name "mirror.example", its own authority, and its key.
struct MirrorCertificate {
  let folder: URL
  var certificate: String { folder.appending(path: "certificate.pem").path }
  var key: String { folder.appending(path: "key.pem").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=mirror.example", "-addext",
      "subjectAltName=DNS:mirror.example,IP:127.0.0.1", "-keyout", key, "-out", certificate,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  func bytes(of file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file))) }
}
