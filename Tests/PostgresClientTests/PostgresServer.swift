import Foundation
import Testing

/// A PostgreSQL server of its own, with TLS, for as long as a suite runs.
struct PostgresServer: @unchecked Sendable {  // for the process handle, used by one suite
  @TaskLocal static var current: PostgresServer?

  static let programs = "/usr/lib/postgresql/15/bin"
  static let password = "correct horse"

  let folder: URL
  let port: Int
  let process: Process
  var authority: String { folder.appending(path: "server.pem").path }

  /// Starts it.
  static func start() throws -> PostgresServer {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let port = Int.random(in: 20_000..<30_000)
    try run([
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
      "\(folder.path)/server.key", "-out", "\(folder.path)/server.pem",
    ])
    try run(["chmod", "600", "\(folder.path)/server.key"])
    if getuid() == 0 { try run(["chown", "-R", "postgres", folder.path]) }
    let data = "\(folder.path)/data"
    try asAccount([
      "\(programs)/initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync",
      "--locale=C", "-E", "UTF8",
    ])
    let settings = """
      listen_addresses = '127.0.0.1'
      unix_socket_directories = ''
      port = \(port)
      fsync = off
      ssl = on
      ssl_cert_file = '\(folder.path)/server.pem'
      ssl_key_file = '\(folder.path)/server.key'

      """
    let access =
      "host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
    try append(settings, to: "\(data)/postgresql.conf")
    try access.write(toFile: "\(data)/pg_hba.conf", atomically: false, encoding: .utf8)
    // Not with pg_ctl: `Process` would wait for the server that it leaves behind.
    let process = try begin(account + ["\(programs)/postgres", "-D", data])
    for _ in 0..<300 {
      if isReady(port) { break }
      usleep(50_000)
    }
    try run([
      "\(programs)/psql", "-X", "-q", "-h", "127.0.0.1", "-p", "\(port)", "-U", "postgres",
      "-c", "create role ada login password '\(password)'", "-c", "create table t (n int)",
      "-c", "insert into t values (1), (2)", "-c", "create table w (n int)",
      "-c", "grant all on t, w to ada",
    ])
    return PostgresServer(folder: folder, port: port, process: process)
  }

  /// Ends it and removes its files.
  func stop() {
    kill(process.processIdentifier, SIGQUIT)
    for _ in 0..<200 {
      if !process.isRunning { break }
      usleep(20_000)
    }
    kill(process.processIdentifier, SIGKILL)
    try? FileManager.default.removeItem(at: folder)
  }

  /// PostgreSQL refuses to run as root.
  private static var account: [String] {
    guard getuid() == 0 else { return [] }
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
  }

  private static func asAccount(_ words: [String]) throws { try run(account + words) }

  private static func isReady(_ port: Int) -> Bool {
    (try? run(["\(programs)/pg_isready", "-q", "-h", "127.0.0.1", "-p", "\(port)"])) != nil
  }

  private static func append(_ text: String, to path: String) throws {
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  private static func begin(_ words: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(filePath: "/")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private static func run(_ words: [String]) throws {
    let process = try begin(words)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(words: words.joined(separator: " "))
    }
  }

  struct Failed: Error { let words: String }
}

/// Starts one server for a suite.
struct WithPostgres: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    let server = try PostgresServer.start()
    defer { server.stop() }
    try await PostgresServer.$current.withValue(server) { try await body() }
  }
}
