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
    async let subnets = aws.send(DescribeDBSubnetGroups(name: subnetGroup), context)
    let found: [EC2SecurityGroup]
    do {
      found = try await groups
    } catch {
      // That the subnet group is not there either, another row says.
      _ = try? await subnets
      return .ready([Readiness.row(component, summary, error)])
    }
    guard let subnetGroup = try await subnets.first else { return .ready([]) }
    return .ready([membership(of: found, in: subnetGroup)] + zones(of: subnetGroup))
  }

  private func membership(
    of groups: [EC2SecurityGroup], in subnetGroup: DBSubnetGroup
  ) -> ReadinessRow {
    let vpc = subnetGroup.vpcID ?? "no VPC"
    let strangers = groups.filter { $0.vpcID != subnetGroup.vpcID }
    guard !strangers.isEmpty else {
      let names = groups.map(\.identifier).joined(separator: ", ")
      return ReadinessRow(
        component, summary, .ready, "\(names) and \(subnetGroup.name) in \(vpc)")
    }
    let names = strangers.map { "\($0.identifier) in \($0.vpcID ?? "no VPC")" }
    return ReadinessRow(
      component, summary, .notReady,
      "\(subnetGroup.name) is in \(vpc), but \(names.joined(separator: ", "))",
      fix: "Name security groups of the subnet group's VPC in the plan's target.")
  }

  private func zones(of group: DBSubnetGroup) -> [ReadinessRow] {
    guard multiAZ, group.zones.count == 1 else { return [] }
    return [
      ReadinessRow(
        component, summary, .notReady, "\(group.name) lies in \(group.zones.joined()) alone",
        fix: "Add a subnet in another zone: a standby needs one.")
    ]
  }
}
