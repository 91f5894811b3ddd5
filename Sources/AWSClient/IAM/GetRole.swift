import Platform
import StrictJSON

/// Whom a role lets take it on, by its trust policy.
public struct RoleTrust: Sendable, Equatable {
  /// The services: `s3.amazonaws.com`.
  public let services: Set<String>
}

/// `iam:GetRole`
public struct GetRole: QueryRequest {
  public static let service = AWSService.iam
  public static let action = "GetRole"
  public static let effect = RequestEffect.reads
  private let name: String

  /// Creates the request.
  ///
  /// - Parameter name: its name without a path.
  public init(name: String) { self.name = name }

  /// Creates the request for a role by its ARN: `arn:aws:iam::123456789012:role/service/replication`.
  public init(arn: String) { name = arn.split(separator: "/").last.map(String.init) ?? arn }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("RoleName", name)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> RoleTrust {
    // The policy is URL-encoded (API Reference, "Role").
    let text = try result.child("Role")?.required("AssumeRolePolicyDocument", of: action) ?? "{}"
    let statements = try JSONValue(parsing: PercentEncoding.decode(text))["Statement"]?.items ?? []
    let services = statements.filter(letsIn).flatMap { $0["Principal"]?["Service"]?.items ?? [] }
    return RoleTrust(services: Set(services.compactMap(\.stringValue)))
  }

  private static func letsIn(_ statement: JSONValue) -> Bool {
    let actions = (statement["Action"]?.items ?? []).compactMap { $0.stringValue?.lowercased() }
    return statement["Effect"] == "Allow"
      && actions.contains { ["sts:assumerole", "sts:*", "*"].contains($0) }
  }
}

extension JSONValue {
  /// Policies may leave out the brackets of a list with one member.
  fileprivate var items: [JSONValue] { arrayValue ?? [self] }
}
