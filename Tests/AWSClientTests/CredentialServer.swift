import Foundation
import HTTPClient
import Platform
import StrictJSON

@testable import AWSClient

/// A server on this machine that plays what gives credentials; see credential_server.py. It ends with
/// its owner.
final class CredentialServer {
  let url: String
  private let log: URL
  private let process: Process

  init() async throws {
    log = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: log)
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "credential_server.py")
    process.arguments = ["-B", script.path, log.path]
    try process.run()
    var port: Substring?
    while port == nil {
      port = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").first
      if port == nil { try await Task.sleep(for: .milliseconds(20)) }
    }
    url = "http://127.0.0.1:\(port ?? "")"
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: log)
  }

  /// The requests so far, oldest first.
  func requests() throws -> [JSONValue] {
    try String(contentsOf: log, encoding: .utf8).split(separator: "\n").dropFirst().map {
      try JSONValue(parsing: Array($0.utf8))
    }
  }
}

/// A home folder for the shared files.
final class Home {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(
      at: folder.appending(path: ".aws/sso/cache"), withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// What the standard chain finds with this home and these variables.
  func find(
    _ variables: [String: String], prompt: @escaping CredentialContext.Prompt = { _ in "" }
  ) async throws -> AWSCredentials? {
    let environment = [
      "HOME": folder.path, "PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true",
      // Where nobody answers, unless a test says otherwise.
      "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    ].merging(variables) { $1 }
    let context = CredentialContext(
      settings: try AWSSettings(environment: environment), http: HTTPClient(), time: SystemTime(),
      random: SystemRandom(), version: "0", lostRegion: nil, prompt: prompt)
    return try await CredentialChain.standard(context).credentials()
  }

  var path: String { folder.path }

  func config(_ text: String) throws { _ = try file(".aws/config", text) }
  func credentials(_ text: String) throws { _ = try file(".aws/credentials", text) }

  func file(_ name: String, _ text: String) throws -> String {
    let file = folder.appending(path: name)
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// A program that a profile may name.
  func program(_ script: String) throws -> String {
    let path = try file("program", "#!/bin/sh\n\(script)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }
}
