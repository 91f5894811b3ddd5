import Platform
import RecoveryPlan
public import StrictJSON

/// What a plan says beside its steps that another version says otherwise, and what follows from it.
public struct TermChange: Sendable, Equatable {
  /// What it is about: `objective rto`.
  public let term: String
  /// What the old version says.
  public let before: String
  /// What the new version says.
  public let after: String
  /// What that means for runs, drills and people.
  public let meaning: String

  /// The change for people.
  public var text: String { "\(term): \(before) → \(after): \(meaning)" }

  /// The change as JSON, for programs.
  public var json: JSONValue {
    [
      "term": .string(term), "before": .string(before), "after": .string(after),
      "meaning": .string(meaning),
    ]
  }
}

/// Compares what two versions of a plan say beside their steps.
struct PlanTerms {
  let old: RecoveryPlan
  let new: RecoveryPlan

  /// The terms that differ, in a fixed order; those of included plans, which each version has, last.
  var changes: [TermChange] {
    let former = Dictionary(
      old.family.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return identity + objectives + approvals + schedule + bound + evidence
      + Self.placement(old, new, of: "")
      + new.family.dropFirst().flatMap { plan in
        former[plan.name].map { Self.placement($0, plan, of: "\(plan.name): ") } ?? []
      } + isolation
  }

  private var identity: [TermChange] {
    Self.change(
      "name", old.name, new.name,
      "it is another plan: drills that passed and timers of \(old.name) do not count for it")
      + Self.change(
        "owner", old.owner ?? "none", new.owner ?? "none",
        new.owner.map { "\($0) answers for it" } ?? "nobody answers for it")
  }

  private var objectives: [TermChange] {
    [("objective rto", old.rto, new.rto), ("objective rpo", old.rpo, new.rpo)].flatMap {
      term, before, after in
      let meaning =
        switch (before, after) {
        case (_, nil): "runs are no longer judged by it"
        case (nil, _): "runs are judged by it from now on"
        case (let before?, let after?):
          after < before
            ? "a run that was good enough may miss it" : "a run that missed it may be good enough"
        }
      return Self.change(
        term, before?.readable ?? "none", after?.readable ?? "none", meaning)
    }
  }

  private var approvals: [TermChange] {
    [
      ("restore", old.neededRestoreApprovals, new.neededRestoreApprovals),
      ("drill", old.neededDrillApprovals, new.neededDrillApprovals),
    ].flatMap { mode, before, after in
      Self.change(
        "approvals of a \(mode)", "\(before)", "\(after)",
        after == 0
          ? "approval is no longer asked for; a \(mode) begins at once"
          : "a \(mode) changes nothing before \(after) \(after == 1 ? "person has" : "people have")"
            + " agreed")
    }
  }

  private var schedule: [TermChange] {
    let (before, after) = (old.schedule?.shown ?? "none", new.schedule?.shown ?? "none")
    return Self.change(
      "schedule", before, after,
      new.schedule.map { "drills are due \($0.shown); write the timers again" }
        ?? "drills are never due; remove the timers")
  }

  private var bound: [TermChange] {
    Self.change(
      "timeout of a run", old.timeout.readable, new.timeout.readable,
      "what has not begun by then is given up")
  }

  private var evidence: [TermChange] {
    let controls = { (plan: RecoveryPlan) in
      plan.controls.isEmpty ? "none" : plan.controls.sorted().joined(separator: ", ")
    }
    return Self.change(
      "controls", controls(old), controls(new), "reports are evidence for these")
      + Self.change(
        "scenario", old.scenario ?? "none", new.scenario ?? "none", "reports name this one")
  }

  /// Regions and tags, which every included plan has of its own.
  private static func placement(
    _ old: RecoveryPlan, _ new: RecoveryPlan, of part: String
  ) -> [TermChange] {
    let tags = Set(old.tags.keys).union(new.tags.keys).sorted().flatMap { key in
      change(
        "\(part)tag \(key)", old.tags[key] ?? "none", new.tags[key] ?? "none",
        new.tags[key] == nil ? "nothing that is made has it any more" : "all that is made has it")
    }
    return change(
      "\(part)primary region", old.primaryRegion, new.primaryRegion,
      "the loss is taken to be in \(new.primaryRegion), which is only read")
      + change(
        "\(part)recovery region", old.recoveryRegion, new.recoveryRegion,
        "everything is made in \(new.recoveryRegion); what it needs has to be there") + tags
  }

  /// What keeps drills out of production's network, of the components that both versions have.
  private var isolation: [TermChange] {
    let former = Dictionary(
      PlanComposition.components(of: old).map { ($0.component.name, $0.component) },
      uniquingKeysWith: { first, _ in first })
    return PlanComposition.components(of: new).flatMap { component, _ -> [TermChange] in
      guard let before = former[component.name].flatMap({ DrillSeclusion($0) }),
        let after = DrillSeclusion(component)
      else { return [] }
      return Self.change(
        "\(component.name): production's network", before.network, after.network,
        "drills keep out of it")
        + Self.change(
          "\(component.name): drills in production's network", before.permission,
          after.permission,
          after.isPermitted
            ? "a drill may run beside production" : "a drill that would run there is refused")
    }
  }

  private static func change(
    _ term: String, _ before: String, _ after: String, _ meaning: String
  ) -> [TermChange] {
    before == after
      ? [] : [TermChange(term: term, before: before, after: after, meaning: meaning)]
  }
}

/// What a component says of the network that its drills keep out of, in words.
private struct DrillSeclusion {
  let network: String
  let permission: String
  let isPermitted: Bool

  /// Nil for a kind that has no such network.
  init?(_ component: Component) {
    let (production, reason): (ProductionNetwork?, String?)
    switch component.spec {
    case let spec as RDSComponent:
      (production, reason) = (spec.production, spec.target.sharesProduction)
    case let spec as AuroraComponent:
      (production, reason) = (spec.production, spec.target.sharesProduction)
    default: return nil
    }
    network =
      production.map { ($0.subnetGroups + $0.securityGroups).joined(separator: ", ") }
      ?? "that of what is lost"
    permission = reason.map { "allowed (\($0))" } ?? "refused"
    isPermitted = reason != nil
  }
}
