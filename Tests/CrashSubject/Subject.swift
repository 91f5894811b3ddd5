import Glibc
import HTTPClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// The program that the crash test kills: the engine and the journal of the product, with steps that
/// change a server which counts what it is asked for.
///
///     crash-subject go FOLDER URL      begins the run, or goes on with it
///     crash-subject approve FOLDER     approves it
///     crash-subject state FOLDER       prints how every step ended, as JSON
@main
enum Subject {
  static let run = ULID(at: Timestamp(unixSeconds: 1_700_000_000), random: SeededRandom(seed: 7))

  static func main() async {
    do {
      let words = CommandLine.arguments.dropFirst()
      guard words.count >= 2, let command = words.first else { exit(2) }
      let journal = try Journal(folder: words[2], time: SystemTime())
      switch command {
      case "go": exit(try await go(journal, url: words[3]))
      case "approve": try await approve(journal)
      case "state": try await state(journal)
      default: exit(2)
      }
    } catch {
      let reason = (error as? any ExplainedError).map { "\($0.summary): \($0.reason)" }
      let text = Array("\(reason ?? "\(error)")\n".utf8)
      _ = text.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      exit(1)
    }
  }

  private static func go(_ journal: Journal, url: String) async throws -> Int32 {
    let steps = Steps(server: Server(url: url)).nodes()
    let id = run.description
    let lease: Lease
    var events: [JournalEvent] = []
    if try await journal.run(id) != nil {
      lease = try await journal.acquireLease(of: id, by: .current())
      events = try await journal.events(of: id)
      _ = try EventChain.verify(events)
      if RunState(events).isFinished {
        try await journal.release(lease)
        return 0
      }
    } else {
      let creation = RunCreation(
        plan: "crash", planDigest: "d", planFile: "crash.yaml", mode: .drill, options: [:],
        rtoObjective: nil, rpoObjective: nil, steps: steps.map(\.record),
        operatorIdentity: .current(), version: "0")
      let record = RunRecord(
        id: id, planName: "crash", planDigest: "d", mode: "drill",
        createdAt: SystemTime().now().wall)
      (lease, events) = try await journal.create(
        record, planBytes: [],
        opening: [EventDraft(.runCreated, body: try JSONValue(encoding: creation))],
        holder: .current())
    }
    let executor = try RunExecutor(
      nodes: steps, run: run, mode: .drill, journal: journal, lease: lease, events: events,
      time: ShortPauses(), random: NoPauses(), options: RunExecutor.Options(),
      classify: Server.classify, observer: { _ in })
    let (stops, _) = AsyncStream<Void>.makeStream()
    return try await executor.execute(stops: stops) == .finished ? 0 : 5
  }

  private static func approve(_ journal: Journal) async throws {
    try await journal.ask(
      OperatorRequest(action: .approve, step: "approval", reason: nil, by: "ada@one"),
      of: run.description)
  }

  private static func state(_ journal: Journal) async throws {
    let events = try await journal.events(of: run.description)
    _ = try EventChain.verify(events)
    let state = RunState(events)
    var steps = JSONObject()
    for record in state.creation?.steps ?? [] {
      let step = state.steps[record.id]
      steps[record.id] = [
        "status": .string(state.status(of: record.id).rawValue),
        "output": step?.output ?? .string("none"),
      ]
    }
    let answer: JSONValue = [
      "finished": .bool(state.isFinished), "steps": .object(steps),
      "leftovers": .integer(Int64(state.leftovers.count)),
      "events": .integer(Int64(events.count)),
    ]
    print(String(decoding: try answer.canonicalBytes(), as: UTF8.self))
  }
}

/// The machine's clocks, but every pause is a twentieth of what it is: time is the other thing that a
/// test may set.
private struct ShortPauses: TimeSource {
  func now() -> ClockReading { SystemTime().now() }
  func sleep(for duration: Duration) async throws {
    try await SystemTime().sleep(for: duration / 20)
  }
}

/// Retries follow at once: chance is one of the two things that a test may set.
private struct NoPauses: RandomSource {
  func next() -> UInt64 { 0 }
}
