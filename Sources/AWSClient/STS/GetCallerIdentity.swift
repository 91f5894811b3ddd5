/// Who the credentials belong to.
public struct CallerIdentity: Sendable, Codable, Equatable {
  /// The account's twelve digits.
  public let account: String
  /// The ARN of the user, role session or root.
  public let arn: String
}

/// `sts:GetCallerIdentity`: needs no permission.
public struct GetCallerIdentity: QueryRequest {
  public static let service = AWSService.sts
  public static let action = "GetCallerIdentity"
  public static let effect = RequestEffect.reads

  /// Creates the request.
  public init() {}

  public var parameters: QueryParameters { QueryParameters() }

  public static func answer(from result: XMLElement) throws -> CallerIdentity {
    CallerIdentity(
      account: try result.required("Account", of: action),
      arn: try result.required("Arn", of: action))
  }
}
