import Platform

/// `rds:DeleteDBInstance` without a final snapshot: for copies that a drill made.
public struct DeleteDBInstance: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DeleteDBInstance"
  public static let effect = RequestEffect.deletes

  private let identifier: String
  private let isOfCluster: Bool

  /// Creates the request. An instance of a cluster has no backups of its own.
  public init(identifier: String, isOfCluster: Bool = false) {
    self.identifier = identifier
    self.isOfCluster = isOfCluster
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", identifier)
    parameters.set("SkipFinalSnapshot", true)
    parameters.set("DeleteAutomatedBackups", isOfCluster ? nil : true)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBInstance {
    try DBInstance.single(in: result, of: action)
  }
}

extension DBInstance {
  /// The one instance that a call answers with after it changed it.
  static func single(in result: XMLElement, of action: String) throws -> DBInstance {
    guard let element = result.child("DBInstance") else {
      throw Problem(
        "cannot read the answer to \(action)", on: "DBInstance",
        because: "the instance that the API promises is missing",
        fix: "Check that the endpoint is the AWS service.")
    }
    return try DBInstance(element, of: action)
  }
}
