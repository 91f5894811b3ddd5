import Platform
import Recoveries
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// Commands about what a plan needs before it is run.
enum ReadinessCommands {
  static func preflight(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let output = try arguments.choice("--output", of: ["text", "json"])
    let mode = try arguments.choice("--mode", of: ["drill", "restore"])
    let surroundings = Surroundings(arguments)
    guard let plan = try PlanCommands.load(arguments, surroundings, terminal) else { return .usage }
    let lost = arguments.has("--primary-lost") ? plan.primaryRegion : nil
    let lowering = try lowering(plan, mode, surroundings, lostRegion: lost)
    let rows = try await Readiness(lowering, time: surroundings.time, random: surroundings.random)
      .rows()
    let isReady = !rows.contains { $0.verdict == .notReady }
    if output == "json" {
      let document: JSONValue = [
        "plan": .string(plan.name), "mode": .string(mode), "ready": .bool(isReady),
        "checks": try JSONValue(encoding: rows),
      ]
      terminal.output(document.prettyText())
    } else {
      terminal.prose(ReadinessText.text(plan, rows, terminal))
    }
    return isReady ? .success : .notReady
  }

  static func permissions(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let mode = try arguments.choice("--mode", of: ["drill", "restore", "preflight", "cleanup"])
    let format = try arguments.choice("--format", of: ["iam", "rbac"])
    let surroundings = Surroundings(arguments)
    guard let plan = try PlanCommands.load(arguments, surroundings, terminal) else { return .usage }
    let lowering = try lowering(plan, mode, surroundings, lostRegion: nil)
    let calls =
      switch mode {
      case "preflight":
        try Readiness(lowering, time: surroundings.time, random: surroundings.random).calls()
      case "cleanup": try OrphanCommands.calls(for: plan, surroundings)
      default: try lowering.nodes().flatMap(\.calls)
      }
    let roles = RoleManifest(allowing: calls, name: "mosaic-dr-\(plan.name)")
    if format == "rbac" {
      terminal.output(roles.json.prettyText())
      return .success
    }
    if !roles.isEmpty {
      terminal.error("The plan needs rights in Kubernetes too: see --format rbac.")
    }
    let policy = PolicyDocument(
      allowing: calls, withoutNames: lowering.runNames, account: arguments["--account"])
    terminal.output(policy.json.prettyText())
    if policy.length > PolicyDocument.longestManagedPolicy {
      terminal.error(
        "The policy has \(policy.length) characters; IAM takes \(PolicyDocument.longestManagedPolicy) "
          + "in one managed policy. Put its statements into several.")
    }
    return .success
  }

  private static func lowering(
    _ plan: RecoveryPlan, _ mode: String, _ surroundings: Surroundings, lostRegion: String?
  ) throws -> Lowering {
    Lowering(
      plan: plan, mode: RunMode(rawValue: mode) ?? .drill,
      run: ULID(at: surroundings.time.now().wall, random: surroundings.random), pointInTime: nil,
      client: try surroundings.client(lostRegion: lostRegion),
      environment: surroundings.environment, clusters: surroundings.clusters())
  }
}
