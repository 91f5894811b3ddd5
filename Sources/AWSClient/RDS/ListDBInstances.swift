/// `rds:DescribeDBInstances` for a page of all instances of a region.
public struct ListDBInstances: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBInstances"
  public static let effect = RequestEffect.reads

  private let marker: String?

  /// One page of instances.
  public struct Page: Sendable {
    /// The instances, in no promised order.
    public let instances: [DBInstance]
    /// What to ask for the next page with; nil on the last one.
    public let marker: String?
  }

  /// Asks for a page, from `marker` on.
  public init(from marker: String?) { self.marker = marker }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("Marker", marker)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> Page {
    Page(
      instances: try result.list("DBInstances").map { try DBInstance($0, of: action) },
      marker: result.string("Marker"))
  }
}
