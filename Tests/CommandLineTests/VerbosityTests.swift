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

  /// Above the picture a line stays as it was printed: it is broken between words, and commands are not.
  @Test func longLinesAreBrokenBetweenWords() throws {
    let lines = ProgressLines(
      terminal: Terminal(), began: Timestamp(unixSeconds: 0), steps: [])
    let reason = "one two three four five six seven eight nine ten eleven twelve"
    let event = try JournalEvent.made(
      .stepRetrying, "a", ["reason": .string(reason)], at: Timestamp(unixSeconds: 1))
    let rows = try #require(lines.text(of: event, within: 50)).split(separator: "\n")
    #expect(rows.count > 1)
    for row in rows { #expect(row.count <= 50 && !row.hasSuffix(" ")) }
    #expect(rows.dropFirst().allSatisfy { $0.hasPrefix("                ") })
    let words = rows.joined(separator: " ").split(separator: " ").joined(separator: " ")
    #expect(words.hasSuffix(reason))
    let command = try JournalEvent.made(
      .stepRetrying, "a", ["reason": .string("run mosaic-dr \(reason)")],
      at: Timestamp(unixSeconds: 1))
    #expect(lines.text(of: command, within: 50)?.contains("\n") == false)
  }
}
