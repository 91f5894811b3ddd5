/// How much of something an account may have in a region, and has.
public struct AccountQuota: Sendable, Equatable {
  /// The name: `DBInstances`, `AllocatedStorage`, `ManualSnapshots`.
  public let name: String
  /// What there is.
  public let used: Int
  /// What there may be.
  public let maximum: Int
  /// What is left.
  public var left: Int { maximum - used }
}

/// `rds:DescribeAccountAttributes`: RDS's quotas in a region.
public struct DescribeAccountAttributes: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeAccountAttributes"
  public static let effect = RequestEffect.reads

  /// Creates the request.
  public init() {}

  public var parameters: QueryParameters { QueryParameters() }

  public static func answer(from result: XMLElement) throws -> [AccountQuota] {
    result.list("AccountQuotas").compactMap { quota in
      guard let name = quota.string("AccountQuotaName"), let used = quota.integer("Used"),
        let maximum = quota.integer("Max")
      else { return nil }
      return AccountQuota(name: name, used: used, maximum: maximum)
    }
  }
}
