import Foundation
import Testing

/// Drills of the real program, killed at commits of their journal. They share the lab with the other
/// drills, and so stand in their suite.
extension DrillTests {
  /// The library that ends the process right before or after its Nth sync.
  private func library() throws -> String {
    let library = tool.folder.appending(path: "kill_at_sync.so").path
    let source = Tool.root.appending(path: "Tests/Crash/kill_at_sync.c").path
    try tool.system("cc", "-shared", "-fPIC", "-o", library, source, "-ldl")
    return library
  }

  @Test(arguments: [
    (11, "before"), (11, "after"), (12, "before"), (14, "after"), (16, "before"), (24, "after"),
  ])
  func aDrillKilledAtACommitMakesOneInstanceAndRemovesIt(commit: Int, when: String) throws {
    let environment = ["LD_PRELOAD": try library(), "KILL_AT": "\(commit)", "KILL_WHEN": when]
    let (process, _, _) = try tool.start(
      ["drill", "--plan", try tool.plan()], environment: environment)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal, "commit \(commit) was never reached")
    guard let run = try tool.runs().first else {
      // It died before there was a run: nothing has happened yet.
      #expect(commit < 12)
      #expect(try tool.run("drill", "--plan", try tool.plan()).status == 0)
      return
    }
    let resumed = try tool.run("resume", run)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try tool.restores(of: run) == 1)
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }
}
