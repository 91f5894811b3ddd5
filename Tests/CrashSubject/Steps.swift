import RunEngine
import RunJournal

/// A plan with what makes resuming hard: branches side by side, retries, lost answers, an approval,
/// outputs handed on, and a cleanup.
struct Steps {
  let server: Server

  func nodes() -> [StepNode] {
    let branches = ["a", "b", "c"].flatMap(branch)
    let approval = StepNode(
      "approval", Approve(), component: nil, dependsOn: ["a.read", "b.read"],
      policy: StepPolicy(timeout: .seconds(60), waitsForPerson: true))
    let last = node("last", Make(server: server, name: "last", needs: nil), ["approval", "c.read"])
    return branches + [approval, last, removal(of: "last", after: ["last", "end"]), join]
  }

  /// Makes a thing, makes another that needs it, reads what fails at first, and removes both.
  private func branch(_ name: String) -> [StepNode] {
    let steps = [
      node("\(name).make", Make(server: server, name: "\(name).make", needs: nil), []),
      node(
        "\(name).next", Make(server: server, name: "\(name).next", needs: "\(name).make"),
        ["\(name).make"]),
      node("\(name).read", Read(server: server, needs: "\(name).next"), ["\(name).next"]),
    ]
    return steps
      + ["make", "next"].map { removal(of: "\(name).\($0)", after: steps.map(\.id) + ["end"]) }
  }

  private var join: StepNode { node("end", Read(server: server, needs: "last"), ["last"]) }

  private func node(_ id: String, _ step: some ObservingStep, _ needs: [String]) -> StepNode {
    StepNode(id, step, component: nil, dependsOn: needs, policy: policy)
  }

  private func node(_ id: String, _ step: some ChangingStep, _ needs: [String]) -> StepNode {
    StepNode(id, step, component: nil, dependsOn: needs, policy: policy)
  }

  private func removal(of name: String, after needs: [String]) -> StepNode {
    StepNode(
      removing: Make(server: server, name: name, needs: nil), madeBy: name, as: "\(name).cleanup",
      component: nil, dependsOn: needs, policy: policy)
  }

  private var policy: StepPolicy { StepPolicy(timeout: .seconds(60), attempts: 8) }
}

private struct Make: RemovableStep {
  typealias Output = String
  static let kind = "crash.make"
  static let phase = StepPhase.recover
  let server: Server
  let name: String
  let needs: String?
  var summary: String { "make \(name)" }
  var removalSummary: String { "remove \(name)" }
  var made: String { name }
  var cost: String { "It costs nothing." }
  var appearsWithin: Duration { .milliseconds(500) }

  func prepare(_ context: StepContext) async throws -> String? {
    let before = try needs.map { try context.output(of: $0, as: String.self) }
    return before.map { "\(name)?after=\($0)" } ?? name
  }
  func find(_ intent: String, _ context: StepContext) async throws -> Existing<String> {
    try await server.find(name).map { .ours($0) } ?? .absent
  }
  func apply(_ intent: String, _ context: StepContext) async throws -> String {
    try await server.make(name)
  }
  func observe(
    _ intent: String, _ identity: String, _ context: StepContext
  ) async throws -> Observation<String> { .ready(identity) }
  func unchanged(_ context: StepContext) async throws -> String { name }
  func remove(_ identity: String, _ context: StepContext) async throws -> Observation<Removed> {
    try await server.remove(name)
    return .ready(Removed(what: identity))
  }
}

private struct Read: ObservingStep {
  typealias Output = String
  static let kind = "crash.read"
  static let phase = StepPhase.verify
  let server: Server
  let needs: String
  var summary: String { "read \(needs)" }
  func observe(_ context: StepContext) async throws -> Observation<String> {
    let before = try context.output(of: needs, as: String.self)
    return .ready("\(before)=\(try await server.read(needs))")
  }
}

private struct Approve: ObservingStep {
  typealias Output = [String]
  static let kind = "approval"
  static let phase = StepPhase.prepare
  var summary: String { "wait for a person" }
  func observe(_ context: StepContext) async throws -> Observation<[String]> {
    let people = context.approvedBy
    return people.isEmpty ? .waiting(Progress("approval", isNear: true)) : .ready(people)
  }
}
