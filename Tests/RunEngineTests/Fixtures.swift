import Foundation
import Platform
import RunJournal
import StrictJSON
import Synchronization
import Testing

@testable import RunEngine

/// The world that the steps of these tests change: names made, and how often each was asked for.
final class World: Sendable {
  struct Lost: Error {}
  struct Refused: Error {}
  private let made = Mutex<[String: Int]>([:])
  private let faults = Mutex<Set<String>>([])
  private let unseen = Mutex<Set<String>>([])
  private let looked = Mutex(0)
  let losesAnswers: Bool
  let refuses: Bool

  init(losesAnswers: Bool = false, refuses: Bool = false, faults: Set<String> = []) {
    self.losesAnswers = losesAnswers
    self.refuses = refuses
    self.faults.withLock { $0 = faults }
  }

  /// What fails from now on: names of looks and removals.
  func fails(_ names: Set<String>) { faults.withLock { $0 = names } }
  func check(_ name: String) throws {
    if faults.withLock({ $0.contains(name) }) {
      throw Problem("it fails", on: name, because: "the test says so", fix: "none")
    }
  }

  func make(_ name: String) throws {
    if refuses { throw Refused() }
    made.withLock { $0[name, default: 0] += 1 }
    if losesAnswers { throw Lost() }
  }
  /// Makes it, but the next look does not show it yet, and a removal then removes nothing.
  func makeUnseen(_ name: String) throws {
    try make(name)
    unseen.withLock { _ = $0.insert(name) }
  }
  /// How often it was looked at.
  var looks: Int { looked.withLock { $0 } }
  func has(_ name: String) -> Bool {
    looked.withLock { $0 += 1 }
    if unseen.withLock({ $0.remove(name) != nil }) { return false }
    return made.withLock { ($0[name] ?? 0) > 0 }
  }
  func remove(_ name: String) { if has(name) { made.withLock { $0[name] = 0 } } }
  func calls(_ name: String) -> Int { made.withLock { $0[name] ?? 0 } }
}

struct Make: RemovableStep {
  typealias Output = String
  static let kind = "test.make"
  static let phase = StepPhase.recover
  let world: World
  let name: String
  var summary: String { "make \(name)" }
  var removalSummary: String { "remove \(name)" }
  var made: String { name }
  var cost: String { "It costs nothing." }
  var appearsWithin: Duration = .seconds(3)
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
    try world.check("remove \(identity)")
    world.remove(identity)
    return .ready(Removed(what: identity))
  }
}

/// Makes things of which the first few end without being of use.
struct MakeUseful: RemovableStep {
  typealias Output = String
  static let kind = "test.make-useful"
  static let phase = StepPhase.recover
  let world: World
  let useless: Int
  let allowance: Int
  var summary: String { "make something useful" }
  var removalSummary: String { "remove all of it" }
  var made: String { "something useful" }
  var cost: String { "It costs nothing." }
  var appearsWithin: Duration { .seconds(3) }
  func prepare(_ context: StepContext) async throws -> String? { "thing-\(context.spentEffects)" }
  func find(_ intent: String, _ context: StepContext) async throws -> Existing<String> {
    world.has(intent) ? .ours(intent) : .absent
  }
  func apply(_ intent: String, _ context: StepContext) async throws -> String {
    try world.make(intent)
    return intent
  }
  func observe(
    _ intent: String, _ identity: String, _ context: StepContext
  ) async throws -> Observation<String> {
    guard context.spentEffects < useless else { return .ready(identity) }
    throw SpentEffect(
      Problem("it is useless", on: identity, because: "the test says so", fix: "none"),
      allowance: allowance)
  }
  func unchanged(_ context: StepContext) async throws -> String { "" }
  func remove(_ identity: String, _ context: StepContext) async throws -> Observation<Removed> {
    guard world.has(identity) else { return .ready(Removed(what: identity)) }
    world.remove(identity)
    return .waiting(Progress("removing \(identity)", isNear: true))
  }
}

struct Look: ObservingStep {
  typealias Output = String
  static let kind = "test.look"
  static let phase = StepPhase.verify
  let world: World
  let name: String
  var summary: String { "look" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    try world.check(name)
    return .ready("seen")
  }
}

/// Waits for people, as an approval does.
struct Ask: ObservingStep {
  typealias Output = [String]
  static let kind = "approval"
  static let phase = StepPhase.prepare
  let needed: Int
  var summary: String { "ask" }
  func observe(_ context: StepContext) async throws -> Observation<[String]> {
    let people = context.approvedBy
    return people.count >= needed ? .ready(people) : .waiting(Progress("asking", isNear: true))
  }
}

/// Waits for ever; notes how many requests the journal holds at the moment it is told to stop.
struct Stay: ObservingStep {
  typealias Output = String
  static let kind = "test.stay"
  static let phase = StepPhase.prepare
  let bench: Bench
  let world: World
  var summary: String { "stay" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    do { try await Task.sleep(for: .seconds(60)) } catch {
      let asked = Task { try await bench.journal.requests(for: bench.run.description).count }
      for _ in 0..<(try await asked.value) { try world.make("request") }
      throw error
    }
    return .ready("stayed")
  }
}

/// Does all of its work in one look, which does not end by itself; tried again, it goes on from where it was.
struct Toil: ObservingStep {
  typealias Output = String
  static let kind = "test.toil"
  static let phase = StepPhase.verify
  var summary: String { "toil" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    if let done = context.lastCheckpoint(as: Int.self) { return .ready("went on from \(done)") }
    try await context.checkpoint(7, Progress("7 done", isNear: true))
    try await Task.sleep(for: .seconds(3_600))
    return .ready("never")
  }
}

/// Does not let itself be disturbed: when it is told to stop it ends its work first.
struct Finish: ObservingStep {
  typealias Output = String
  static let kind = "test.finish"
  static let phase = StepPhase.verify
  var summary: String { "finish" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    try? await Task.sleep(for: .seconds(3_600))
    return .ready("finished")
  }
}

/// A clock that is behind.
struct EarlierTime: TimeSource {
  let by: Duration
  func now() -> ClockReading {
    let now = SystemTime().now()
    return ClockReading(wall: now.wall - by, sinceBoot: now.sinceBoot - by.wholeNanoseconds)
  }
  func sleep(for duration: Duration) async throws { try await SystemTime().sleep(for: duration) }
}

/// A wall clock that leaps an hour ahead once the world has been looked at twice: what a look finds then
/// depends on looks, not on how fast the machine is.
struct LookClock: TimeSource {
  let world: World
  func now() -> ClockReading {
    let now = SystemTime().now()
    return ClockReading(
      wall: now.wall + (world.looks < 2 ? .zero : .seconds(3_600)), sinceBoot: now.sinceBoot)
  }
  func sleep(for duration: Duration) async throws { try await SystemTime().sleep(for: duration) }
}

/// A journal of its own, and what executes a run in it.
final class Bench: Sendable {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
  let run = ULID(at: Timestamp(unixSeconds: 1), random: SeededRandom(seed: 1))
  let journal: Journal

  init() throws { journal = try Journal(folder: folder, time: SystemTime()) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func begin(
    _ nodes: [StepNode] = [], mode: RunMode = .drill
  ) async throws -> (Lease, [JournalEvent]) {
    let record = RunRecord(
      id: run.description, planName: "p", planDigest: "d", mode: mode.rawValue,
      createdAt: Timestamp(unixSeconds: 1))
    let creation = RunCreation(
      plan: "p", planDigest: "d", planFile: "p.yaml", mode: mode, options: [:], rtoObjective: nil,
      rpoObjective: nil, steps: nodes.map(\.record), operatorIdentity: .current(), version: "0")
    return try await journal.create(
      record, planBytes: [],
      opening: [EventDraft(.runCreated, body: try JSONValue(encoding: creation))],
      holder: .current())
  }

  @discardableResult
  func execute(
    _ nodes: [StepNode], _ lease: Lease, _ events: [JournalEvent], mode: RunMode = .drill,
    options: RunExecutor.Options = RunExecutor.Options(), time: any TimeSource = SystemTime(),
    ends outcome: RunOutcome = .finished
  ) async throws -> RunState {
    let executor = try RunExecutor(
      nodes: nodes, run: run, mode: mode, journal: journal, lease: lease, events: events,
      time: time, random: SeededRandom(seed: 2), options: options,
      classify: { error in
        switch error {
        case is World.Lost: .ambiguous
        case is World.Refused: .refused
        default: .final
        }
      }, observer: { _ in })
    let (stops, _) = AsyncStream<Void>.makeStream()
    #expect(try await executor.execute(stops: stops) == outcome)
    let written = try await journal.events(of: run.description)
    _ = try EventChain.verify(written)
    return RunState(written)
  }

  /// Takes the run up again, with what `drafts` say first.
  func goOn(
    _ nodes: [StepNode], _ drafts: [EventDraft] = [], mode: RunMode = .drill
  ) async throws -> RunState {
    let lease = try await journal.acquireLease(of: run.description, by: .current())
    if !drafts.isEmpty { _ = try await journal.append(drafts, under: lease) }
    let events = try await journal.events(of: run.description)
    return try await execute(nodes, lease, events, mode: mode)
  }

  func ask(
    _ action: OperatorRequest.Action, _ step: String?, by: String = "ada@one",
    reason: String? = nil
  ) async throws {
    try await journal.ask(
      OperatorRequest(action: action, step: step, reason: reason, by: by), of: run.description)
  }
}

func nodes(
  _ world: World, removal: Bool = true, appearsWithin: Duration = .seconds(3)
) -> [StepNode] {
  let policy = StepPolicy(timeout: .seconds(60))
  let make = Make(world: world, name: "copy", appearsWithin: appearsWithin)
  let look = { (id: String, after: [String]) in
    StepNode(
      id, Look(world: world, name: id), component: String(id.prefix(1)), dependsOn: after,
      policy: policy)
  }
  let steps = [
    StepNode("a.make", make, component: "a", dependsOn: [], policy: policy),
    look("a.look", ["a.make"]), look("a.later", ["a.look"]), look("b.look", []),
  ]
  guard removal else { return steps }
  return steps + [
    StepNode(
      removing: make, madeBy: "a.make", as: "a.cleanup", component: "a",
      dependsOn: ["a.make", "a.look", "a.later"], policy: policy)
  ]
}
