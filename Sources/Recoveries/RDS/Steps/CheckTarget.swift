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
    let parameterGroupFamily: String?
  }

  let aws: AWSAccess
  let subnetGroup: String
  let parameterGroup: String?
  let recoveryPointStep: String

  var summary: String { "check subnet group \(subnetGroup) and parameter group" }
  var calls: [PlannedCall] {
    [aws.plan(DescribeDBSubnetGroups(name: subnetGroup))]
      + (parameterGroup.map { [aws.plan(DescribeDBParameterGroups(name: $0))] } ?? [])
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let point = try context.output(of: recoveryPointStep, as: PointEngine.self)
    let groups = try await aws.send(DescribeDBSubnetGroups(name: subnetGroup), context)
    guard let group = groups.first, group.status == "Complete" else {
      throw Problem(
        "the subnet group cannot be used", on: "\(subnetGroup) in \(aws.region)",
        because: "its status is '\(groups.first?.status ?? "unknown")'",
        fix: "Mend the subnet group, or name another in the plan's target.")
    }
    return .ready(
      Output(vpc: group.vpcID, parameterGroupFamily: try await family(fits: point, context)))
  }

  private func family(fits point: PointEngine, _ context: StepContext) async throws -> String? {
    guard let parameterGroup else { return nil }
    let groups = try await aws.send(DescribeDBParameterGroups(name: parameterGroup), context)
    let needed = point.engine + (point.engineVersion.split(separator: ".").first ?? "")
    guard let family = groups.first?.family else { return nil }
    guard point.engineVersion.isEmpty || family == needed else {
      throw Problem(
        "the parameter group is for another engine version",
        on: "\(parameterGroup) in \(aws.region)",
        because: "its family is \(family), and the recovery point needs \(needed)",
        fix: "Make a parameter group of family \(needed) and name it in the plan's target.")
    }
    return family
  }
}
