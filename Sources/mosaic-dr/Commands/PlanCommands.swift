import Evidence
import Platform
import Recoveries
import RecoveryPlan
import RunEngine
import RunJournal
import StepGraph
import StrictJSON

/// Commands that only read plans.
enum PlanCommands {
  static func validate(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let surroundings = Surroundings(arguments)
    guard !arguments.operands.isEmpty else {
      throw UsageError(
        message: "no plan is named", fix: "Write: mosaic-dr validate plans/rds-prod.yaml.")
    }
    let format = try arguments.choice("--format", of: ["text", "json", "sarif"])
    var isValid = true
    var found: [Diagnostic] = []
    for file in arguments.operands {
      let (plan, diagnostics) = try surroundings.read(
        try surroundings.planFile(file), warnsOfName: true)
      found += diagnostics
      isValid = isValid && plan != nil
      guard format == "text" else { continue }
      for diagnostic in diagnostics { terminal.error(diagnostic.rendered) }
      if let plan {
        terminal.output("\(file): valid, \(plan.components.count) component(s)")
      }
    }
    switch format {
    case "json": terminal.output(DiagnosticReport.json(found).prettyText())
    case "sarif":
      let log = DiagnosticReport.sarif(found, version: Surroundings.version)
      terminal.output(log.prettyText())
    default: break
    }
    return isValid ? .success : .usage
  }

  static func schema(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let schema = PlanSchema.schema(kinds: ComponentKinds.all)
    let format = try arguments.choice("--format", of: ["json", "markdown"])
    terminal.output(
      format == "json" ? schema.prettyText() : PlanReference.markdown(kinds: ComponentKinds.all))
    return .success
  }

  static func plan(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let format = try arguments.choice(
      "--format",
      of: arguments["--against"] == nil ? ["text", "json", "dot", "mermaid"] : ["text", "json"])
    let mode = try arguments.choice("--mode", of: ["drill", "restore"])
    let surroundings = Surroundings(arguments)
    guard let plan = try load(arguments, surroundings, terminal) else { return .usage }
    let run = ULID(at: surroundings.time.now().wall, random: surroundings.random)
    let compile = { (plan: RecoveryPlan) in
      try Lowering(
        plan: plan, mode: RunMode(rawValue: mode) ?? .drill, run: run, pointInTime: nil,
        client: try surroundings.client(), environment: surroundings.environment,
        clusters: surroundings.clusters()
      ).nodes()
    }
    let nodes = try compile(plan)
    if let file = arguments["--against"] {
      return try tellChange(
        since: file, to: (plan, nodes), format, compile, surroundings, terminal)
    }
    let arrangement = try StepArrangement(nodes)
    let (graph, ordered) = (arrangement.graph, arrangement.ordered)
    let critical = arrangement.criticalPath
    switch format {
    case "dot": terminal.output(graph.dot(title: plan.name) { arrangement.summary(of: $0) })
    case "mermaid": terminal.output(graph.mermaid { arrangement.summary(of: $0) })
    case "json": terminal.output(try json(ordered, critical).prettyText())
    default:
      terminal.output(text(plan, mode, ordered, critical))
      if let line = try await predicted(plan, mode, ordered, surroundings) { terminal.output(line) }
    }
    return .success
  }

  /// What earlier runs say of the RTO; nil when there are none.
  private static func predicted(
    _ plan: RecoveryPlan, _ mode: String, _ nodes: [StepNode], _ surroundings: Surroundings
  ) async throws -> String? {
    guard let journal = try? surroundings.journal(.reading),
      let prediction = Prediction(
        try await journal.reports(of: plan.name), mode: RunMode(rawValue: mode) ?? .drill,
        steps: nodes.map(\.record))
    else { return nil }
    let range = prediction.rto
    let outlook = plan.rto.map {
      $0.wholeMilliseconds < range.longest ? ", which may be missed" : ""
    }
    return "\nPredicted RTO: \(ReportText.readable(range.likely)) "
      + "(\(ReportText.readable(range.shortest)) to \(ReportText.readable(range.longest)), from "
      + "\(prediction.runs) runs)\(plan.rto.map { " of \($0.readable)" } ?? "")\(outlook ?? "")"
  }

  /// What the plan says and does that an earlier version, in another file, did not, and the other way round.
  private static func tellChange(
    since file: String, to present: PlanChange.Version, _ format: String,
    _ compile: (RecoveryPlan) throws -> [StepNode], _ surroundings: Surroundings,
    _ terminal: Terminal
  ) throws -> ExitCode {
    let (old, diagnostics) = try surroundings.read(file)
    guard let old else {
      for diagnostic in diagnostics { terminal.error(diagnostic.rendered) }
      return .usage
    }
    let change = PlanChange(from: (old, try compile(old)), to: present)
    terminal.output(format == "json" ? change.json.prettyText() : change.text)
    return .success
  }

  /// The plan that `--plan` names; nil after its mistakes were told.
  static func load(
    _ arguments: Arguments, _ surroundings: Surroundings, _ terminal: Terminal
  ) throws -> RecoveryPlan? {
    let file = try surroundings.planFile(try arguments.required("--plan"))
    let (plan, diagnostics) = try surroundings.read(file)
    for diagnostic in diagnostics { terminal.error(diagnostic.rendered) }
    return plan
  }

  private static func text(
    _ plan: RecoveryPlan, _ mode: String, _ nodes: [StepNode], _ critical: [String]
  ) -> String {
    var lines = [
      "Plan \(plan.name): \(plan.primaryRegion) → \(plan.recoveryRegion), "
        + "RTO \(plan.rto?.readable ?? "none"), RPO \(plan.rpo?.readable ?? "none")", "",
      "Steps of a \(mode) (* on the expected critical path):",
    ]
    for node in nodes {
      let mark = critical.contains(node.id) ? "*" : " "
      lines.append(
        " \(mark) \(node.phase.rawValue.rightPadded(8)) \(node.id.rightPadded(28)) \(node.summary)")
    }
    lines += ["", "Effects:"]
    for effect in nodes.flatMap(\.effects) {
      lines.append("   \(effect.verb.rawValue.rightPadded(8)) \(effect.what)")
    }
    return lines.joined(separator: "\n")
  }

  private static func json(_ nodes: [StepNode], _ critical: [String]) throws -> JSONValue {
    let steps = try nodes.map { node -> JSONValue in
      var step = try JSONValue(encoding: node.record).objectValue ?? [:]
      step["effects"] = try JSONValue(encoding: node.effects)
      step["calls"] = try JSONValue(encoding: node.calls)
      return .object(step)
    }
    return ["steps": .array(steps), "critical_path": .array(critical.map { .string($0) })]
  }
}
