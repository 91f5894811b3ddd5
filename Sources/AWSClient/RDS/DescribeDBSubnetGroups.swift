/// A subnet group: where in a VPC instances may lie.
public struct DBSubnetGroup: Sendable, Equatable {
  /// The name.
  public let name: String
  /// The VPC.
  public let vpcID: String?
  /// `Complete` when it can be used.
  public let status: String
  /// The zones that its subnets are in.
  public let zones: Set<String>
}

/// `rds:DescribeDBSubnetGroups` for one group; `DBSubnetGroupNotFoundFault` when it is not there.
public struct DescribeDBSubnetGroups: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBSubnetGroups"
  public static let effect = RequestEffect.reads

  private let name: String

  /// Creates the request.
  public init(name: String) { self.name = name }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBSubnetGroupName", name)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [DBSubnetGroup] {
    try result.list("DBSubnetGroups").map {
      DBSubnetGroup(
        name: try $0.required("DBSubnetGroupName", of: action), vpcID: $0.string("VpcId"),
        status: $0.string("SubnetGroupStatus") ?? "",
        zones: Set(
          $0.list("Subnets").compactMap { $0.child("SubnetAvailabilityZone")?.string("Name") }))
    }
  }
}
