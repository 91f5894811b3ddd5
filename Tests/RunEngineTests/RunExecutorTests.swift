import Foundation
import Platform
import RunJournal
import StrictJSON
import Synchronization
import Testing

@testable import RunEngine

/// The world that the steps of these tests change: names made, and how often each was asked for.
private final class World: Sendable {
  struct Lost: Error {}
  private let made = Mutex<[String: Int]>([:])
  let losesAnswers: Bool

  init(losesAnswers: Bool = false) { self.losesAnswers = losesAnswers }

  func make(_ name: String) throws {
    made.withLock { $0[name, default: 0] += 1 }
    if losesAnswers { throw Lost() }
  }
  func has(_ name: String) -> Bool { made.withLock { $0[name] != nil } }
  func remove(_ name: String) { made.withLock { $0[name] = 0 } }
  func calls(_ name: String) -> Int { made.withLock { $0[name] ?? 0 } }
}

private struct Make: RemovableStep {
  typealias Output = String
  static let kind = "test.make"
  static let phase = StepPhase.recover
  let world: World
  let name: String
  var summary: String { "make \(name)" }
  var removalSummary: String { "remove \(name)" }
  var removalEffects: [PlannedEffect] { [] }
  func prepare(_ context: StepContext) async throws -> String? { name }
  func find(_ intent: String, _ context: StepContext) async throws -> Existing<String> {
    world.has(intent) ? .ours(intent) : .absent
  }
  func apply(_ intent: String, _ context: StepContext) async throws -> String {
    try world.make(intent)
    return intent
  }
  func observe(
    _ intent: String, _ identity: String, _ context: StepContext
  ) async throws -> Observation<String> { .ready(identity) }
  func unchanged(_ context: StepContext) async throws -> String { name }
  func remove(_ identity: String, _ context: StepContext) async throws -> Observation<Removed> {
    world.remove(identity)
    return .ready(Removed(what: identity))
  }
}

private struct Look: ObservingStep {
  typealias Output = String
  static let kind = "test.look"
  static let phase = StepPhase.verify
  let fails: Bool
  var summary: String { "look" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    if fails { throw Problem("it fails", because: "the test says so", fix: "none") }
    return .ready("seen")
  }
}

@Suite struct RunExecutorTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    .path
  private let run = ULID(at: Timestamp(unixSeconds: 1), random: SeededRandom(seed: 1))

  private func begin() async throws -> (Journal, Lease, [JournalEvent]) {
    let journal = try Journal(folder: folder, time: SystemTime())
    let record = RunRecord(
      id: run.description, planName: "p", planDigest: "d", mode: "drill",
      createdAt: Timestamp(unixSeconds: 1))
    let (lease, events) = try await journal.create(
      record, planBytes: [], first: EventDraft(.runCreated), holder: .current())
    return (journal, lease, events)
  }

  private func execute(
    _ nodes: [StepNode], _ journal: Journal, _ lease: Lease, _ events: [JournalEvent]
  ) async throws -> RunState {
    let executor = try RunExecutor(
      nodes: nodes, run: run, mode: .drill, journal: journal, lease: lease, events: events,
      time: SystemTime(), random: SeededRandom(seed: 2), options: RunExecutor.Options(),
      classify: { $0 is World.Lost ? .ambiguous : .final }, observer: { _, _ in })
    let (stops, _) = AsyncStream<Void>.makeStream()
    #expect(try await executor.execute(stops: stops) == .finished)
    let written = try await journal.events(of: run.description)
    _ = try EventChain.verify(written)
    return RunState(written)
  }

  private func nodes(_ world: World, failing: Bool) -> [StepNode] {
    let policy = StepPolicy(timeout: .seconds(60))
    let make = Make(world: world, name: "copy")
    return [
      StepNode("a.make", make, component: "a", dependsOn: [], policy: policy),
      StepNode(
        "a.look", Look(fails: failing), component: "a", dependsOn: ["a.make"], policy: policy),
      StepNode(
        "a.later", Look(fails: false), component: "a", dependsOn: ["a.look"], policy: policy),
      StepNode("b.look", Look(fails: false), component: "b", dependsOn: [], policy: policy),
      StepNode(
        removing: make, madeBy: "a.make", as: "a.cleanup", component: "a",
        dependsOn: ["a.make", "a.look", "a.later"], policy: policy),
    ]
  }

  @Test func aFailureStopsWhatDependsOnItAndNothingElse() async throws {
    let world = World()
    let (journal, lease, events) = try await begin()
    let state = try await execute(nodes(world, failing: true), journal, lease, events)
    #expect(state.status(of: "a.look") == .failed)
    #expect(state.status(of: "a.later") == .cancelled)
    #expect(state.status(of: "b.look") == .succeeded)
    #expect(state.status(of: "a.cleanup") == .succeeded)
    #expect(world.calls("copy") == 0)
  }

  @Test func aLostAnswerIsLookedUpBeforeAnythingIsMadeAgain() async throws {
    let world = World(losesAnswers: true)
    let (journal, lease, events) = try await begin()
    let made = nodes(world, failing: false).filter { $0.id == "a.make" }
    let state = try await execute(made, journal, lease, events)
    #expect(state.status(of: "a.make") == .succeeded)
    #expect(world.calls("copy") == 1)
  }

  @Test func anIntentWithoutAnOutcomeIsLookedUpOnResume() async throws {
    let world = World()
    try world.make("copy")
    let (journal, lease, events) = try await begin()
    let more = try await journal.append(
      [
        EventDraft(.stepStarted, step: "a.make", attempt: 1),
        EventDraft(.effectIntended, step: "a.make", attempt: 1, body: ["intent": "copy"]),
      ], under: lease)
    let made = nodes(world, failing: false).filter { $0.id == "a.make" }
    let state = try await execute(made, journal, lease, events + more)
    #expect(state.status(of: "a.make") == .succeeded)
    #expect(state.steps["a.make"]?.attempts == 2)
    #expect(world.calls("copy") == 1)
  }

  @Test func whatHasEndedNeverRunsAgain() async throws {
    let world = World()
    let (journal, lease, events) = try await begin()
    let success = StepSuccess(output: "copy", evidence: [:], timing: StepTiming())
    let more = try await journal.append(
      [
        EventDraft(
          .stepSucceeded, step: "a.make", attempt: 1, body: try JSONValue(encoding: success))
      ], under: lease)
    let made = nodes(world, failing: false).filter { $0.id == "a.make" }
    _ = try await execute(made, journal, lease, events + more)
    #expect(world.calls("copy") == 0)
  }
}
