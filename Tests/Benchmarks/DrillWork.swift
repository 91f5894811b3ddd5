import Platform
import RunEngine
import RunJournal
import StrictJSON

/// A drill of databases, ten steps each, as a real one leaves it in its journal: instants, what was
/// made and removed, calls with request identifiers, values that checks saw.
struct DrillWork {
  static let stepsEach = 10

  let count: Int
  let folder: String

  func run() async throws -> JSONValue {
    let nodes = (0..<(count / Self.stepsEach)).flatMap(nodes)
    let journal = try Journal(folder: folder, time: SystemTime())
    let now = SystemTime().now().wall
    let run = ULID(at: now, random: SystemRandom())
    let creation = RunCreation(
      plan: "benchmark", planDigest: "d", planFile: "b.yaml", mode: .drill, options: [:],
      rtoObjective: 3_600_000, rpoObjective: 300_000, steps: nodes.map(\.record),
      operatorIdentity: .current(), version: "0")
    let record = RunRecord(
      id: run.description, planName: "benchmark", planDigest: "d", mode: "drill", createdAt: now)
    let moments = try [Moment.Name.incident, .declared].map { name in
      EventDraft(
        .moment,
        body: try JSONValue(
          encoding: Moment(name, at: now, evidence: .stated, source: "the start of the run")))
    }
    let (lease, events) = try await journal.create(
      record, planBytes: [],
      opening: [EventDraft(.runCreated, body: try JSONValue(encoding: creation))] + moments,
      holder: .current())
    let executor = try RunExecutor(
      nodes: nodes, run: run, mode: .drill, journal: journal, lease: lease, events: events,
      time: SystemTime(), random: SystemRandom(), options: RunExecutor.Options(),
      classify: { _ in .final }, observer: { _ in })
    let watch = Stopwatch()
    let (stops, _) = AsyncStream<Void>.makeStream()
    let outcome = try await executor.execute(stops: stops)
    return watch.result([
      "run": .string(run.description), "outcome": .string("\(outcome)"),
      "events": .integer(Int64(try await journal.events(of: run.description).count)),
    ])
  }

  private func nodes(_ number: Int) -> [StepNode] {
    let name = "database-\(number)"
    let id = { (step: String) in "\(name).\(step)" }
    let policy = StepPolicy(timeout: .seconds(600))
    let copy = RestoreCopy(name: "\(name)-drill")
    let checks = (1...(Self.stepsEach - 4)).map { id("check-\($0)") }
    return [
      StepNode(
        id("recovery-point"), ChoosePoint(), component: name, dependsOn: [], policy: policy),
      StepNode(
        id("restore"), copy, component: name, dependsOn: [id("recovery-point")], policy: policy),
      StepNode(
        id("connect"), CheckValue(), component: name, dependsOn: [id("restore")], policy: policy),
    ]
      + checks.map {
        StepNode(
          $0, CheckValue(), component: name, dependsOn: [id("connect")], policy: policy)
      } + [
        StepNode(
          removing: copy, madeBy: id("restore"), as: id("cleanup"), component: name,
          dependsOn: checks, policy: policy)
      ]
  }
}

extension StepContext {
  /// Calls as the AWS client notes them.
  fileprivate func keepCalls(_ name: String, _ count: Int) {
    let calls = (0..<count).map { _ -> JSONValue in
      [
        "call": .string(name),
        "request_id": .string(ULID(at: incident, random: random).description),
        "region": "us-west-2", "status": 200, "attempt": 1, "milliseconds": 41,
        "at": .string(time.now().wall.description),
      ]
    }
    keep("calls", .array(calls))
    keep("call_count", .integer(Int64(count)))
  }
}

private struct ChoosePoint: ObservingStep {
  typealias Output = String
  static let kind = "benchmark.recovery-point"
  static let phase = StepPhase.prepare
  var summary: String { "choose the recovery point" }

  func observe(_ context: StepContext) async throws -> Observation<String> {
    context.keepCalls("rds:DescribeDBInstanceAutomatedBackups", 2)
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: context.incident - .seconds(30),
        evidence: .serviceField, source: "RestoreWindow.LatestTime"))
    return .ready("chosen")
  }
}

private struct RestoreCopy: RemovableStep {
  typealias Output = String
  static let kind = "benchmark.restore"
  static let phase = StepPhase.recover
  let name: String
  var summary: String { "restore \(name) from a point in time" }
  var removalSummary: String { "delete \(name)" }
  var made: String { "database instance \(name) in us-west-2" }
  var cost: String { "An instance costs by the hour." }
  var appearsWithin: Duration { .seconds(1) }

  func prepare(_ context: StepContext) async throws -> String? { name }
  func find(_ intent: String, _ context: StepContext) async throws -> Existing<String> { .absent }
  func apply(_ intent: String, _ context: StepContext) async throws -> String { "db-\(name)" }

  func observe(
    _ intent: String, _ identity: String, _ context: StepContext
  ) async throws -> Observation<String> {
    context.keepCalls("rds:DescribeDBInstances", 12)
    return .ready(identity)
  }

  func unchanged(_ context: StepContext) async throws -> String { name }

  func remove(_ identity: String, _ context: StepContext) async throws -> Observation<Removed> {
    context.keepCalls("rds:DeleteDBInstance", 4)
    return .ready(Removed(what: made))
  }
}

private struct CheckValue: ObservingStep {
  typealias Output = Int64
  static let kind = "benchmark.check"
  static let phase = StepPhase.verify
  var summary: String { "count what must be there" }

  func observe(_ context: StepContext) async throws -> Observation<Int64> {
    context.keep("query", "select count(*) from memories where written_at < now()")
    context.keep("expected", ">= 1000")
    context.keep("value", "320000")
    return .ready(320_000)
  }
}
