import AWSClient
import RunEngine

/// Whether the security groups are there, in the VPC of the subnet group: a database in another VPC, or
/// behind the default group, is reachable by nobody.
struct CheckNetwork: ReadinessCheck {
  static let kind = "readiness.rds.network"

  let aws: AWSAccess
  let component: String
  let subnetGroup: String
  let securityGroups: [String]
  let multiAZ: Bool

  var summary: String { "security groups and subnets" }
  var calls: [PlannedCall] {
    [
      aws.plan(DescribeDBSubnetGroups(name: subnetGroup)),
      aws.plan(DescribeSecurityGroups(identifiers: securityGroups)),
    ]
  }

  func observe(_ context: StepContext) async throws -> Observation<[ReadinessRow]> {
    async let groups = aws.send(DescribeSecurityGroups(identifiers: securityGroups), context)
    let subnets = try await aws.send(DescribeDBSubnetGroups(name: subnetGroup), context).first
    let found = try await groups
    let strangers = found.filter { $0.vpcID != subnets?.vpcID }
    var rows: [ReadinessRow] = []
    let vpc = subnets?.vpcID ?? "no VPC"
    if strangers.isEmpty {
      let names = found.map(\.identifier).joined(separator: ", ")
      rows.append(ReadinessRow(component, summary, .ready, "\(names) and \(subnetGroup) in \(vpc)"))
    } else {
      let names = strangers.map { "\($0.identifier) in \($0.vpcID ?? "no VPC")" }
      rows.append(
        ReadinessRow(
          component, summary, .notReady,
          "\(subnetGroup) is in \(vpc), but \(names.joined(separator: ", "))",
          fix: "Name security groups of the subnet group's VPC in the plan's target."))
    }
    if multiAZ, let zones = subnets?.zones, !zones.isEmpty, zones.count < 2 {
      rows.append(
        ReadinessRow(
          component, summary, .notReady, "\(subnetGroup) lies in \(zones.joined()) alone",
          fix: "Add a subnet in another zone: a standby needs one."))
    }
    return .ready(rows)
  }
}
