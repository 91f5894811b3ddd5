/// `rds:DescribeDBInstances` for one instance by name.
///
/// An instance that does not exist is an error: `DBInstanceNotFound`.
public struct DescribeDBInstances: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBInstances"
  public static let effect = RequestEffect.reads

  private let identifier: String

  /// Creates the request.
  public init(identifier: String) { self.identifier = identifier }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [DBInstance] {
    try result.list("DBInstances").map { try DBInstance($0, of: action) }
  }
}
