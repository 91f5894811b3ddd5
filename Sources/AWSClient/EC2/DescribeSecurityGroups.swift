import Platform

/// A security group (API Reference, "SecurityGroup"); fields this program reads.
public struct EC2SecurityGroup: Sendable, Equatable {
  /// The identifier: `sg-…`.
  public let identifier: String
  /// The name.
  public let name: String
  /// The VPC it belongs to.
  public let vpcID: String?
}

/// `ec2:DescribeSecurityGroups` by identifier; `InvalidGroup.NotFound` when one is not there.
public struct DescribeSecurityGroups: EC2Request {
  public static let service = AWSService.ec2
  public static let action = "DescribeSecurityGroups"
  public static let effect = RequestEffect.reads

  private let identifiers: [String]

  /// Creates the request.
  public init(identifiers: [String]) { self.identifiers = identifiers }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("GroupIds", identifiers, member: "GroupId")
    return parameters
  }

  public static func answer(from root: XMLElement) throws -> [EC2SecurityGroup] {
    try root.list("securityGroupInfo").map {
      EC2SecurityGroup(
        identifier: try $0.required("groupId", of: action), name: $0.string("groupName") ?? "",
        vpcID: $0.string("vpcId"))
    }
  }
}
