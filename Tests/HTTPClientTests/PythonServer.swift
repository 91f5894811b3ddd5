import Foundation

/// A server in Python beside the tests, which writes its port to a file; it ends with its last user.
final class PythonServer: Sendable {
  let url: String
  private let identifier: pid_t
  private let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  init(_ name: String, _ arguments: [String] = []) async throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-B", script.path, file.path] + arguments
    try process.run()
    identifier = process.processIdentifier
    var port = ""
    while port.isEmpty {
      try await Task.sleep(for: .milliseconds(20))
      port =
        (try? String(contentsOf: file, encoding: .utf8))?.trimmingCharacters(in: .newlines) ?? ""
    }
    url = "http://127.0.0.1:\(port)"
  }

  deinit {
    kill(identifier, SIGKILL)
    try? FileManager.default.removeItem(at: file)
  }
}
