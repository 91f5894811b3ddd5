public import Platform
public import StrictJSON

/// A version of a secret.
public struct SecretVersion: Sendable {
  /// The secret's ARN.
  public let arn: String
  /// The version's identifier.
  public let version: String
  /// The labels on the version: `AWSCURRENT`, `AWSPREVIOUS` ….
  public let stages: [String]
  /// The value, when it is text.
  public let text: Secret<String>?
}

/// `secretsmanager:GetSecretValue`; `ResourceNotFoundException` when it is not there.
public struct GetSecretValue: JSONRequest {
  public static let service = AWSService.secretsManager
  public static let action = "GetSecretValue"
  public static let effect = RequestEffect.reads

  private let secret: String
  private let version: String?

  /// Creates the request, for the current version unless another is named.
  public init(secret: String, version: String? = nil) {
    self.secret = secret
    self.version = version
  }

  public var input: JSONObject {
    var input: JSONObject = ["SecretId": .string(secret)]
    input["VersionId"] = version.map { .string($0) }
    return input
  }

  /// An ARN ends in six characters that the name does not have.
  public var resources: [AWSResource] {
    [
      .regional(
        "secretsmanager", "secret:",
        nameOrARN: secret.hasPrefix("arn:") ? secret : "\(secret)-??????")
    ]
  }

  public static func answer(from result: JSONValue) throws -> SecretVersion {
    SecretVersion(
      arn: try result.required("ARN", of: action),
      version: try result.required("VersionId", of: action),
      stages: result["VersionStages"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      text: result.string("SecretString").map { Secret($0) })
  }
}
