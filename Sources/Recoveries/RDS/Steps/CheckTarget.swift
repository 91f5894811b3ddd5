import AWSClient
import Platform
import RunEngine
import RunJournal

/// Checks before anything is made that what the new instance needs is there, and fits.
struct CheckTarget: ObservingStep {
  static let kind = "rds.check-target"
  static let phase = StepPhase.prepare

  struct Output: Codable, Sendable {
    let vpc: String?
    let parameterGroupFamilies: [String]
  }

  let aws: AWSAccess
  let subnetGroup: String
  /// The parameter groups that the plan names, of instances and of clusters.
  let parameterGroups: [(kind: DatabaseKind, name: String)]
  let recoveryPointStep: String
  /// What a drill keeps out of; nil in a restore.
  let isolation: Isolation?

  var summary: String { "check subnet group \(subnetGroup) and parameter group" }
  var calls: [PlannedCall] {
    [aws.plan(DescribeDBSubnetGroups(name: subnetGroup))]
      + parameterGroups.map { aws.planParameterGroup($0.name, of: $0.kind) }
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let point = try context.output(of: recoveryPointStep, as: PointEngine.self)
    try isolation?.check(context)
    let groups = try await aws.send(DescribeDBSubnetGroups(name: subnetGroup), context)
    guard let group = groups.first, group.status == "Complete" else {
      throw Problem(
        "the subnet group cannot be used", on: "\(subnetGroup) in \(aws.region)",
        because: "its status is '\(groups.first?.status ?? "unknown")'",
        fix: "Mend the subnet group, or name another in the plan's target.")
    }
    var families: [String] = []
    for (kind, name) in parameterGroups {
      families.append(try await family(of: name, kind, fits: point, context))
    }
    return .ready(Output(vpc: group.vpcID, parameterGroupFamilies: families))
  }

  private func family(
    of name: String, _ kind: DatabaseKind, fits point: PointEngine, _ context: StepContext
  ) async throws -> String {
    guard let found = try await aws.parameterGroup(name, of: kind, context) else {
      throw Problem(
        "the parameter group is not there", on: "\(name) in \(aws.region)",
        because: "the region has none of that name",
        fix: "Make it there, or name another in the plan's target.")
    }
    let needed = point.engine + (point.engineVersion.split(separator: ".").first ?? "")
    guard point.engineVersion.isEmpty || found.family == needed else {
      throw Problem(
        "the parameter group is for another engine version", on: "\(name) in \(aws.region)",
        because: "its family is \(found.family), and the recovery point needs \(needed)",
        fix: "Make a parameter group of family \(needed) and name it in the plan's target.")
    }
    return found.family
  }
}
