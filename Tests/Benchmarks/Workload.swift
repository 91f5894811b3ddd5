import Platform
import RunEngine
import RunJournal
import StrictJSON

/// A run of steps that do nothing, in a journal of its own.
struct Workload {
  let count: Int
  let folder: String

  /// Runs all steps to their end.
  func run(dependingOn needs: @Sendable (Int) -> [String]) async throws -> JSONValue {
    let nodes = (0..<count).map { number in
      StepNode(
        "s\(number)", Nothing(), component: nil, dependsOn: needs(number),
        policy: StepPolicy(timeout: .seconds(60)))
    }
    let executor = try await executor(nodes, options: RunExecutor.Options())
    let watch = Stopwatch()
    let (stops, _) = AsyncStream<Void>.makeStream()
    let outcome = try await executor.execute(stops: stops)
    return watch.result(["outcome": .string("\(outcome)")])
  }

  /// Lets all steps wait for a while.
  func wait(for duration: Duration) async throws -> JSONValue {
    let nodes = (0..<count).map { number in
      StepNode(
        "s\(number)", Wait(), component: nil, dependsOn: [],
        policy: StepPolicy(timeout: .seconds(3_600)))
    }
    let executor = try await executor(nodes, options: RunExecutor.Options(parallelism: count))
    let (stops, stop) = AsyncStream<Void>.makeStream()
    let run = Task { try await executor.execute(stops: stops) }
    // Not the start, but the waiting is what counts.
    try await SystemTime().sleep(for: .seconds(20))
    let watch = Stopwatch()
    try await SystemTime().sleep(for: duration)
    let result = watch.result()
    stop.yield()
    _ = try await run.value
    return result
  }

  private func executor(
    _ nodes: [StepNode], options: RunExecutor.Options
  ) async throws -> RunExecutor {
    let journal = try Journal(folder: folder, time: SystemTime())
    let run = ULID(at: SystemTime().now().wall, random: SystemRandom())
    let creation = RunCreation(
      plan: "benchmark", planDigest: "d", planFile: "b.yaml", mode: .restore, options: [:],
      rtoObjective: nil, rpoObjective: nil, steps: [], operatorIdentity: .current(), version: "0")
    let record = RunRecord(
      id: run.description, planName: "benchmark", planDigest: "d", mode: "restore",
      createdAt: SystemTime().now().wall)
    let (lease, events) = try await journal.create(
      record, planBytes: [],
      opening: [EventDraft(.runCreated, body: try JSONValue(encoding: creation))],
      holder: .current())
    return try RunExecutor(
      nodes: nodes, run: run, mode: .restore, journal: journal, lease: lease, events: events,
      time: SystemTime(), random: SystemRandom(), options: options, classify: { _ in .final },
      observer: { _ in })
  }
}

private struct Nothing: ObservingStep {
  typealias Output = String
  static let kind = "benchmark.nothing"
  static let phase = StepPhase.recover
  var summary: String { "do nothing" }
  func observe(_ context: StepContext) async throws -> Observation<String> { .ready("done") }
}

private struct Wait: ObservingStep {
  typealias Output = String
  static let kind = "benchmark.wait"
  static let phase = StepPhase.recover
  var summary: String { "wait" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    .waiting(Progress("waiting"))
  }
}
