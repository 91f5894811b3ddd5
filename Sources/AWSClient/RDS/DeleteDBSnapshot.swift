/// `rds:DeleteDBSnapshot`: removes a manual snapshot.
public struct DeleteDBSnapshot: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DeleteDBSnapshot"
  public static let effect = RequestEffect.deletes

  private let identifier: String

  /// Creates the request.
  public init(identifier: String) { self.identifier = identifier }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBSnapshotIdentifier", identifier)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBSnapshot {
    try DBSnapshot.single(in: result, of: action)
  }
}
