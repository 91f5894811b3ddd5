import Platform
import RunEngine
import RunJournal
import StrictJSON
import Testing

@testable import mosaic_dr

/// What of a run is told to people who want to read little, or much.
@Suite struct VerbosityTests {
  private func told(_ verbosity: Terminal.Verbosity) throws -> [String] {
    var terminal = Terminal()
    terminal.verbosity = verbosity
    let lines = ProgressLines(terminal: terminal, began: Timestamp(unixSeconds: 0), steps: [])
    let events: [(EventType, JSONValue)] = [
      (.stepStarted, [:]), (.stepWaiting, ["state": "creating"]),
      (.effectIntended, ["intent": ["name": "copy"]]), (.stepSucceeded, [:]),
      (.stepWaiting, ["state": "approval 0 of 1: mosaic-dr approve RUN approval"]),
      (.stepFailed, ["summary": "no", "reason": "because"]),
    ]
    return try events.compactMap { type, body in
      let event = try JournalEvent.made(type, "a", body, at: Timestamp(unixSeconds: 1))
      return lines.text(of: event).map { _ in type.rawValue }
    }
  }

  @Test func quietLeavesWhatAPersonHasToDo() throws {
    #expect(try told(.quiet) == ["step.waiting", "step.failed"])
  }

  @Test func verboseAddsEveryChange() throws {
    #expect(try told(.verbose).contains("effect.intended"))
    #expect(!(try told(.normal).contains("effect.intended")))
  }
}
