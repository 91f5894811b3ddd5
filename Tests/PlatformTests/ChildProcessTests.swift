import Glibc
import Platform
import Testing

@Suite struct ChildProcessTests {
  private func run(
    _ script: String, timeout: Duration = .seconds(20)
  ) async throws -> ChildProcess.End {
    try await ChildProcess(
      command: "sh", arguments: ["-c", script], environment: ["A": "b c"], timeout: timeout,
      outputLimit: 1_000
    ).run()
  }

  @Test func whatItWritesAndHowItEndsIsTold() async throws {
    let end = try await run("printf %s \"$A\"; exit 7")
    #expect(end.code == 7)
    #expect(end.output == Array("b c".utf8))
    #expect(try await run("kill -9 $$").code == 137)
    #expect(try await run("cat").output.isEmpty)
  }

  @Test func whatTakesTooLongOrWritesTooMuchIsEnded() async throws {
    let late = await #expect(throws: ChildProcessError.self) {
      try await run("sleep 60 & exec >&-; wait", timeout: .milliseconds(200))
    }
    #expect(late?.cause == .timedOut(.milliseconds(200)))
    let loud = await #expect(throws: ChildProcessError.self) { try await run("yes") }
    #expect(loud?.cause == .tooMuchOutput(1_000))
  }

  /// Else a shell's pipes would never end, and nobody could end the program but with SIGKILL.
  @Test func signalsReachItAsIfAShellHadStartedIt() async throws {
    let before = [SIGPIPE, SIGINT, SIGTERM].map { ($0, signal($0, SIG_IGN)) }
    defer { for (number, action) in before { signal(number, action) } }
    for name in ["PIPE", "INT", "TERM"] {
      #expect(try await run("kill -\(name) $$; exit 3").code > 128, "\(name)")
    }
  }

  @Test func aMissingProgramIsNamed() async throws {
    let error = await #expect(throws: ChildProcessError.self) {
      try await ChildProcess(
        command: "no-such-program-here", arguments: [], environment: [:], timeout: .seconds(5)
      ).run()
    }
    #expect(error?.isMissing == true)
  }

  @Test func aCancelledTaskEndsIt() async throws {
    let task = Task { try await run("sleep 60") }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}
