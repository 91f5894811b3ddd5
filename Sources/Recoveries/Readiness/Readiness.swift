import AWSClient
public import Platform
import RecoveryPlan
public import RunEngine
import RunJournal
import StrictJSON

/// Finds out whether a plan could be run now: looks with the plan's own steps that only prepare, and
/// with the further checks of its components, all at once. Changes nothing.
public struct Readiness: Sendable {
  private let lowering: Lowering
  private let time: any TimeSource
  private let random: any RandomSource

  /// Prepares the examination.
  public init(_ lowering: Lowering, time: any TimeSource, random: any RandomSource) {
    self.lowering = lowering
    self.time = time
    self.random = random
  }

  /// One row for each thing that was looked at.
  ///
  /// - Throws: when the plan cannot be compiled.
  public func rows() async throws -> [ReadinessRow] {
    let all = try lowering.nodes()
    let pass = ReadOnlyPass(
      try nodes(among: all), run: lowering.run, mode: lowering.mode, time: time, random: random)
    let now = time.now().wall
    let results = await pass.results()
    return lostRegionRows(all) + results.flatMap { rows(of: $0, at: now) }
  }

  /// The calls that the examination may make.
  ///
  /// - Throws: when the plan cannot be compiled.
  public func calls() throws -> [PlannedCall] {
    try nodes(among: lowering.nodes()).flatMap(\.calls)
  }

  /// The credentials first: without them there is nothing to see.
  private func nodes(among all: [StepNode]) throws -> [StepNode] {
    let policy = StepPolicy(timeout: ReadOnlyPass.lookTimeout)
    let aws = AWSAccess(client: lowering.client, region: lowering.plan.recoveryRegion)
    let identity = StepNode(
      "credentials", CheckIdentity(aws: aws), component: nil, dependsOn: [], policy: policy)
    let permissions = StepNode(
      "permissions", CheckPermissions(aws: aws, calls: all.flatMap(\.calls)), component: nil,
      dependsOn: [identity.id], policy: policy)
    let own = all.filter { $0.phase == .prepare && !$0.changesSomething }
    let further = PlanComposition.components(of: lowering.plan).flatMap { component, plan in
      lowering.readinessChecks(of: component, in: plan)
    }
    return [identity, permissions] + (own + further).map { $0.waiting(for: [identity.id]) }
  }

  private func rows(of result: ReadOnlyPass.Result, at now: Timestamp) -> [ReadinessRow] {
    let (component, check) = (result.node.component, result.node.summary)
    switch result.outcome {
    case .ready(let output):
      if result.node.kind.hasPrefix(Self.kindPrefix) {
        return (try? output.decode([ReadinessRow].self)) ?? []
      }
      return [ReadinessRow(component, check, .ready, detail(of: result, at: now))]
        + result.findings.filter { $0.severity != .note }.map {
          ReadinessRow(component, check, .warning, $0.text)
        } + result.moments.compactMap { objective($0, at: now) }
    case .waiting(let progress):
      return [
        ReadinessRow(
          component, check, .notReady, "a run would wait: \(progress.state)",
          fix: "Wait until it is there, then look again.")
      ]
    case .failed(let error): return [Self.row(component, check, error)]
    case .blocked(let step):
      return [
        ReadinessRow(
          component, check, .notReady, "not looked at, since '\(step)' is not ready",
          fix: "Mend that first.")
      ]
    }
  }

  /// The kinds of checks begin so.
  static let kindPrefix = "readiness."

  /// A row for something that failed.
  static func row(_ component: String?, _ check: String, _ error: any Error) -> ReadinessRow {
    guard let error = error as? any ExplainedError else {
      return ReadinessRow(component, check, .notReady, "\(error)", fix: "Please report this.")
    }
    let place = error.subject.map { " (\($0))" } ?? ""
    return ReadinessRow(
      component, check, .notReady, "\(error.summary)\(place): \(error.reason)", fix: error.remedy)
  }

  private func detail(of result: ReadOnlyPass.Result, at now: Timestamp) -> String {
    let moments = result.moments.map { moment in
      "\(moment.at.formatted(fractionDigits: 0)), \((now - moment.at).readable) ago: "
        + moment.source
    }
    let notes = result.findings.filter { $0.severity == .note }.map(\.text)
    let found = moments + notes
    return found.isEmpty ? "fits" : found.joined(separator: "; ")
  }

  /// The age of a recovery point, held against the objective.
  private func objective(_ moment: Moment, at now: Timestamp) -> ReadinessRow? {
    guard moment.name == .recoveryPoint, let rpo = lowering.plan.rpo else { return nil }
    let age = now - moment.at
    let isMet = age <= rpo
    return ReadinessRow(
      moment.component, "age of the recovery point against the RPO", isMet ? .ready : .notReady,
      "\(age.readable) of \(rpo.readable)",
      fix: isMet
        ? nil
        : "Find out why no newer recovery point has come to the recovery region, or correct the "
          + "plan's objective.")
  }

  /// Calls that a plan cannot do without although their region is declared lost.
  private func lostRegionRows(_ nodes: [StepNode]) -> [ReadinessRow] {
    guard let lost = lowering.client.lostRegion else { return [] }
    return nodes.compactMap { node in
      let calls = node.calls.filter { $0.place == lost }.map(\.name)
      guard !calls.isEmpty else { return nil }
      return ReadinessRow(
        node.component, node.summary, .notReady,
        "step \(node.id) calls \(Set(calls).sorted().joined(separator: ", ")) in \(lost), which is "
          + "declared lost",
        fix: "Choose a way back that the recovery region has everything for.")
    }
  }
}
