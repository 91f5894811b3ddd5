import Cryptography
import Platform
import Recoveries
import RecoveryPlan
import RunEngine
import RunJournal

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
    let runbook = Runbook(
      of: plan, digest: SHA256.digest(of: plan.bytes).hex,
      nodes: try StepArrangement(nodes).ordered)
    terminal.output(String(runbook.markdown.dropLast()))
    return .success
  }
}
