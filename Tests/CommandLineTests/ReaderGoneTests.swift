import Foundation
import Glibc
import Platform
import RunJournal
import Testing

/// What is written is not read to its end: `mosaic-dr … | head -1`, a pager that is left, a full disk.
@Suite struct ReaderGoneTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  /// The writing end of a pipe that nobody reads any more.
  static func unread() throws -> FileHandle {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    return pipe.fileHandleForWriting
  }

  private func run(
    _ words: [String], output: FileHandle, errors: FileHandle? = nil
  ) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = Tool.program
    process.arguments = words + ["--state", tool.state]
    let file = tool.folder.appending(path: "errors-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: file.path, contents: nil)
    process.standardOutput = output
    process.standardError = try errors ?? FileHandle(forWritingTo: file)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(words) was ended by a signal")
    return (process.terminationStatus, try String(contentsOf: file, encoding: .utf8))
  }

  @Test(arguments: [
    "--help", "schema", "schema --format markdown", "manual --format markdown", "runs", "ledger",
    "completion bash", "plan --plan PLAN", "plan --plan PLAN --format json", "runbook --plan PLAN",
    "permissions --plan PLAN", "schedule --plan PLAN", "drill --help",
  ])
  func aCommandEndsQuietlyWithItsOwnCode(command: String) throws {
    let plan = try tool.plan()
    let words = command.split(separator: " ").map { $0 == "PLAN" ? plan : String($0) }
    let read = try run(words, output: .nullDevice)
    let unread = try run(words, output: try Self.unread())
    #expect(unread.status == read.status)
    #expect(unread.errors == read.errors)
  }

  @Test func dataThatFindsNoRoomIsAnError() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let (status, errors) = try run(["schema"], output: full)
    #expect(status == 1)
    #expect(errors.contains("standard output is not whole"), "\(errors)")
    #expect(errors.contains("No space left on device"), "\(errors)")
  }

  /// The next file that is opened would get the stream's number, and what is told would be written into it.
  @Test func aClosedStreamIsNoFile() throws {
    _ = try Journal(folder: tool.state, time: SystemTime())
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [
      "-c", "\"$0\" runs --state \"$1\" >&- 2>/dev/null; \"$0\" keys --state \"$1\" >&- 2>&-; :",
      Tool.program.path, tool.state,
    ]
    try process.run()
    process.waitUntilExit()
    let listed = FileManager.default.enumerator(atPath: tool.state)?.allObjects ?? []
    for file in listed.compactMap({ $0 as? String }) where !file.hasSuffix("/") {
      let bytes = FileManager.default.contents(atPath: tool.state + "/" + file) ?? Data()
      #expect(!bytes.starts(with: Data("error".utf8)), "\(file)")
    }
    let keys = try run(["keys"], output: .nullDevice)
    #expect(keys.status == 0, "\(keys.errors)")
  }
}
