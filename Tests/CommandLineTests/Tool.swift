import Foundation

/// Runs the built program as a user would.
final class Tool {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  static let program = root.appending(path: ".build/debug/mosaic-dr")
  static var labIsUp: Bool { ProcessInfo.processInfo.environment["MOSAIC_LAB"] != nil }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var state: String { folder.appending(path: "state").path }

  /// A shipped plan with some of its text replaced.
  func plan(_ replacements: [String: String] = [:], of name: String = "rds-prod") throws -> String {
    let shipped = Self.root.appending(path: "plans/\(name).yaml")
    var text = try String(contentsOf: shipped, encoding: .utf8)
    for (old, new) in replacements { text = text.replacingOccurrences(of: old, with: new) }
    let file = folder.appending(path: "plan-\(UUID().uuidString).yaml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  func start(
    _ words: [String], environment: [String: String] = [:], state: String? = nil
  ) throws -> (process: Process, output: URL, errors: URL) {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = words + ["--state", state ?? self.state]
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let files = ["output", "errors"].map { folder.appending(path: "\($0)-\(UUID().uuidString)") }
    for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    return (process, files[0], files[1])
  }

  func run(
    _ words: String..., environment: [String: String] = [:], state: String? = nil
  ) throws -> Result {
    let (process, output, errors) = try start(words, environment: environment, state: state)
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  func lab(_ words: String...) throws -> String {
    let process = Process()
    process.executableURL = Self.root.appending(path: "scripts/lab")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  /// Whether a file is what a script of the folder Tools takes; it runs with the Python of the tools that
  /// are not ours.
  func isValid(_ file: String, by script: String) throws -> Bool {
    let place = Self.root.appending(path: "Tests/CommandLineTests/Tools/\(script)").path
    let command = "exec $(\"$0/scripts/evidence-tools\") \"$1\" \"$2\""
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", command, Self.root.path, place, file]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// Runs a program of the system and expects it to succeed.
  func system(_ words: String...) throws { try system(words) }

  func system(_ words: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableNotLoadable) }
  }

  /// The identifiers of this state folder's runs.
  func runs() throws -> [String] {
    try run("runs").output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
      .map(String.init)
  }

  /// How often the lab was asked to restore an instance whose name ends like the run.
  func restores(of run: String) throws -> Int {
    let name = run.suffix(10).lowercased()
    return try lab("log", "--json").split(separator: "\n").filter { line in
      line.contains("\"RestoreDBInstanceToPointInTime\"") && line.contains(name)
        && !line.contains("\"status\": 4")
    }.count
  }
}
