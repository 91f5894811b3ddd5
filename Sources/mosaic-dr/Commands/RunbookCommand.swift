import Cryptography
import Platform
import Recoveries
import RecoveryPlan
import RunEngine
import RunJournal
import StepGraph

/// Writes the runbook of a plan.
enum RunbookCommand {
  static func run(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    guard let plan = try PlanCommands.load(arguments, surroundings, terminal),
      let run = ULID(Runbook.byHand)
    else { return .usage }
    let nodes = try Lowering(
      plan: plan, mode: .restore, run: run, pointInTime: nil, client: try surroundings.client(),
      environment: surroundings.environment, clusters: surroundings.clusters()
    ).nodes()
    let graph = try StepGraph(nodes.map { StepGraph.Node($0.id, dependsOn: $0.dependsOn) })
    let byID = Dictionary(nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let runbook = Runbook(
      of: plan, digest: SHA256.digest(of: plan.bytes).hex,
      nodes: graph.topologicalOrder.compactMap { byID[$0] })
    terminal.output(String(runbook.markdown.dropLast()))
    return .success
  }
}
