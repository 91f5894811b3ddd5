import AWSClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal
import StrictJSON

/// `production`: the network that drills keep out of, for when the source cannot be looked at.
struct ProductionNetwork: PlanObject {
  let subnetGroups: [String]
  let securityGroups: [String]

  init(from fields: FieldReader) {
    subnetGroups = fields.optional(
      "subnetGroups", .list(of: .text(upTo: 255), 0...20), default: [], shownAs: [],
      "The DB subnet groups of production in the region of the recovery.")
    securityGroups = fields.optional(
      "securityGroups", .list(of: .securityGroup, 0...20), default: [], shownAs: [],
      "The security groups of production in the region of the recovery.")
  }
}

/// Keeps a drill out of production's network: what is restored there could be reached, or reach
/// others, under production's rules.
struct Isolation: Sendable {
  /// What the plan says of production's network.
  let stated: ProductionNetwork?
  /// The words by which the plan allows it all the same.
  let exception: String?
  /// Where the drill makes its copy, and in what.
  let region: String
  let subnetGroup: String
  let securityGroups: [String]
  /// The step that looked at the source; nil when there is none.
  let sourceStep: String?
  let sourceRegion: String

  /// - Throws: `Problem` when the copy would share production's network.
  func check(_ context: StepContext) throws {
    let source = try sourceStep.flatMap {
      try context.output(of: $0, as: ReadSource.Output.self).source
    }
    // The groups of another region are others, whatever their names.
    let seen = sourceRegion == region ? source : nil
    let subnets = (stated?.subnetGroups ?? []) + [seen?.subnetGroup].compactMap { $0 }
    let groups = (stated?.securityGroups ?? []) + (seen?.securityGroups ?? [])
    let shared =
      (subnets.map { $0.lowercased() }.contains(subnetGroup.lowercased())
        ? ["subnet group \(subnetGroup)"] : [])
      + securityGroups.filter(groups.contains).map { "security group \($0)" }
    if shared.isEmpty {
      noteDoubt(source, context)
      return
    }
    guard let exception else {
      throw Problem(
        "a drill would run in production's network", on: shared.joined(separator: ", "),
        because: "production uses the same",
        fix: "Name another network in the plan's target, or say in words why a drill may share "
          + "it: 'sharesProduction: REASON'.")
    }
    context.note(
      Finding(
        .warning,
        "The drill shares \(shared.joined(separator: ", ")) with production; the plan says: "
          + exception))
  }

  private func noteDoubt(_ source: SourceRecord?, _ context: StepContext) {
    guard sourceRegion == region, sourceStep != nil, source == nil, stated == nil else { return }
    context.note(
      Finding(
        .warning,
        "Whether the drill shares production's network is not known: the source cannot be looked "
          + "at, and the plan does not say ('production')."))
  }
}
