import Platform
import RunJournal
import StrictJSON
import Testing

@testable import RunEngine

/// What a step notes before and while its effect comes into being, when the run is laid down or dies meanwhile.
@Suite struct NotesTests {
  private let bench: Bench
  private let world = World()

  init() throws { bench = try Bench() }

  private var steps: [StepNode] {
    [
      StepNode(
        "promote", Promote(world: world, bench: bench), component: "db", dependsOn: [],
        policy: StepPolicy(timeout: .seconds(60), attempts: 1_000))
    ]
  }

  private func texts(_ state: RunState) -> [String] { state.findings.map(\.text).sorted() }

  /// What is read before a promotion cannot be read after it, whatever process sees its end.
  @Test(.timeLimit(.minutes(5)))
  func whatWasNotedBeforeAnEffectOutlivesAPauseAndIsJournaledOnce() async throws {
    let (lease, events) = try await bench.begin(steps, mode: .restore)
    try await bench.execute(steps, lease, events, mode: .restore, ends: .paused)
    try world.make("released")
    let state = try await bench.goOn(steps, mode: .restore)
    #expect(state.status(of: "promote") == .succeeded)
    let points = state.moments.filter { $0.name == .recoveryPoint }
    #expect(points.map(\.at) == [Timestamp(unixSeconds: 1)])
    #expect(texts(state) == ["applied 1", "it is slow", "only the first look sees this"])
  }

  /// A process that dies writes nothing more: the notes are there with the intent and the identity. That they
  /// come in one write is what scripts/crash-test holds.
  @Test(.timeLimit(.minutes(5)))
  func notesStandInTheJournalWithWhatTheyWereTakenFor() async throws {
    let (lease, events) = try await bench.begin(steps, mode: .restore)
    try await bench.execute(steps, lease, events, mode: .restore, ends: .paused)
    let journaled = try await bench.journal.events(of: bench.run.description)
    let place = { (type: EventType, text: String?) in
      journaled.firstIndex { event in
        event.type == type
          && (text == nil || event.body["text"]?.stringValue == text
            || event.body["name"]?.stringValue == text)
      }
    }
    let intended = try #require(place(.effectIntended, nil))
    let confirmed = try #require(place(.effectConfirmed, nil))
    #expect(place(.moment, "recovery_point") == intended - 2)
    #expect(place(.finding, "it is slow") == intended - 1)
    #expect(place(.finding, "applied 1") == confirmed - 1)
  }

  /// Nothing has been done yet: the next process takes all of it anew.
  @Test(.timeLimit(.minutes(5)))
  func whatWasNotedBeforeAnythingWasIntendedIsTakenAnew() async throws {
    world.fails(["prepare"])
    let (lease, events) = try await bench.begin(steps, mode: .restore)
    let paused = try await bench.execute(steps, lease, events, mode: .restore, ends: .paused)
    #expect(paused.moments.allSatisfy { $0.name != .recoveryPoint })
    world.fails([])
    try world.make("released")
    let state = try await bench.goOn(steps, mode: .restore)
    #expect(state.moments.count { $0.name == .recoveryPoint } == 1)
    #expect(state.findings.count { $0.text == "it is slow" } == 1)
  }
}

/// Reads something that its own effect makes unreadable; until the world says so, it does not end, and asks
/// for a pause.
private struct Promote: ChangingStep {
  typealias Output = String
  static let kind = "test.promote"
  static let phase = StepPhase.recover
  let world: World
  let bench: Bench
  var summary: String { "promote" }

  func prepare(_ context: StepContext) async throws -> String? {
    try world.make("reading")
    context.note(
      Moment(
        .recoveryPoint, of: context.component,
        at: Timestamp(unixSeconds: Int64(world.calls("reading"))), evidence: .measured,
        source: "the replica"))
    context.note(Finding(.warning, "it is slow"))
    do { try world.check("prepare") } catch {
      try await askForPause()
      try await Task.sleep(for: .seconds(3_600))
    }
    return "it"
  }

  func find(_ intent: String, _ context: StepContext) async throws -> Existing<String> {
    world.has(intent) ? .ours(intent) : .absent
  }

  func apply(_ intent: String, _ context: StepContext) async throws -> String {
    try world.make(intent)
    context.note(Finding(.warning, "applied \(world.calls(intent))"))
    return intent
  }

  func observe(
    _ intent: String, _ identity: String, _ context: StepContext
  ) async throws -> Observation<String> {
    context.note(Finding(.warning, "it is slow"))
    if world.calls("pause") == 0 {
      context.note(Finding(.note, "only the first look sees this"))
      try await askForPause()
    }
    return world.has("released") ? .ready(identity) : .waiting(Progress("waiting", isNear: true))
  }

  func unchanged(_ context: StepContext) async throws -> String { "" }

  private func askForPause() async throws {
    try world.make("pause")
    try await bench.ask(.pause, nil)
  }
}
