import Glibc
import HTTPClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Begins the run in a folder, or goes on with it, against the world at an address:
/// `crash-subject FOLDER ADDRESS [cancel]`. This is what is killed, again and again, and started
/// again; what has to come of it is the same every time.
@main
enum Main {
  /// Every folder has one run, under this identifier.
  static let run = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
  static let refused: Int32 = 3

  static func main() async {
    let words = CommandLine.arguments
    guard words.count >= 3, let run = ULID(run) else { exit(2) }
    do {
      let session = Session(
        run: run, folder: words[1], world: World(address: words[2], http: HTTPClient()),
        cancels: words.dropFirst(3).first == "cancel")
      let outcome = try await session.execute()
      print(outcome)
      exit(0)
    } catch let error as LeaseRefused {
      print(error)
      exit(refused)
    } catch {
      print(error)
      exit(1)
    }
  }
}

/// One process's share of the run.
struct Session {
  let run: ULID
  let folder: String
  let world: World
  let cancels: Bool

  func execute() async throws -> String {
    let journal = try Journal(folder: folder, time: SystemTime())
    let nodes = TestPlan(world: world).nodes()
    guard let (lease, events) = try await takeUp(journal, nodes) else { return "had finished" }
    let person = Person(journal: journal, run: run, folder: folder, cancels: cancels)
    let executor = try RunExecutor(
      nodes: nodes, run: run, mode: .drill, journal: journal, lease: lease, events: events,
      time: ShortPauses(), random: SystemRandom(), options: RunExecutor.Options(),
      classify: WorldError.classify, observer: person.see)
    let (stops, _) = AsyncStream<Void>.makeStream()
    return String(describing: try await executor.execute(stops: stops))
  }

  /// Nil when the run has ended.
  private func takeUp(
    _ journal: Journal, _ nodes: [StepNode]
  ) async throws -> (Lease, [JournalEvent])? {
    if try await journal.run(run.description) == nil { return try await begin(journal, nodes) }
    let lease = try await journal.acquireLease(of: run.description, by: .current())
    let events = try await journal.events(of: run.description)
    _ = try EventChain.verify(events)
    return RunState(events).isFinished ? nil : (lease, events)
  }

  private func begin(
    _ journal: Journal, _ nodes: [StepNode]
  ) async throws -> (Lease, [JournalEvent]) {
    let now = SystemTime().now().wall
    let record = RunRecord(
      id: run.description, planName: "crash", planDigest: "none", mode: RunMode.drill.rawValue,
      createdAt: now)
    let creation = RunCreation(
      plan: "crash", planDigest: "none", planFile: "crash", mode: .drill, options: [:],
      rtoObjective: nil, rpoObjective: nil, steps: nodes.map(\.record),
      operatorIdentity: .current(), version: "0")
    let moments = [
      Moment(.incident, at: now, evidence: .stated, source: "the start of the run"),
      Moment(.declared, at: now, evidence: .measured, source: "the run was asked for"),
    ]
    let opening =
      [EventDraft(.runCreated, body: try JSONValue(encoding: creation))]
      + (try moments.map { EventDraft(.moment, body: try JSONValue(encoding: $0)) })
    let (lease, events) = try await journal.create(
      record, planBytes: [], opening: opening, holder: .current())
    return (lease, events)
  }
}

/// The machine's clocks, but every pause is a thirtieth of what it should be.
private struct ShortPauses: TimeSource {
  func now() -> ClockReading { SystemTime().now() }
  func sleep(for duration: Duration) async throws {
    try await SystemTime().sleep(for: duration / 30)
  }
}
