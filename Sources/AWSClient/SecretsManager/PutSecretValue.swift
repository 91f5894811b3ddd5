public import Platform
public import StrictJSON

/// `secretsmanager:PutSecretValue`: a new version of a secret, which becomes the current one; the one
/// before it keeps the label `AWSPREVIOUS`.
public struct PutSecretValue: JSONRequest {
  public static let service = AWSService.secretsManager
  public static let action = "PutSecretValue"
  public static let effect = RequestEffect.changes
  public static let secretMembers: Set<String> = ["SecretString"]

  private let secret: String
  private let version: String
  private let text: Secret<String>

  /// Creates the request. The version's identifier, 32 to 64 characters, makes it repeatable.
  public init(secret: String, version: String, text: Secret<String>) {
    self.secret = secret
    self.version = version
    self.text = text
  }

  public var idempotencyToken: String? { version }

  public var input: JSONObject {
    [
      "SecretId": .string(secret), "ClientRequestToken": .string(version),
      "SecretString": .string(text.reveal()),
    ]
  }

  public var resources: [AWSResource] { [.secret(secret)] }

  /// The identifier of the version that is current now.
  public static func answer(from result: JSONValue) throws -> String {
    try result.required("VersionId", of: action)
  }
}

/// `secretsmanager:UpdateSecretVersionStage`: moves the label of the current version.
public struct MakeSecretVersionCurrent: JSONRequest {
  public static let service = AWSService.secretsManager
  public static let action = "UpdateSecretVersionStage"
  public static let effect = RequestEffect.changes

  private let secret: String
  private let version: String
  private let former: String

  /// Creates the request; `former` is the version that is current until then.
  public init(secret: String, version: String, insteadOf former: String) {
    self.secret = secret
    self.version = version
    self.former = former
  }

  public var input: JSONObject {
    [
      "SecretId": .string(secret), "VersionStage": "AWSCURRENT",
      "MoveToVersionId": .string(version), "RemoveFromVersionId": .string(former),
    ]
  }

  public var resources: [AWSResource] { [.secret(secret)] }

  /// The call answers with nothing that is needed.
  public static func answer(from result: JSONValue) throws {}
}

extension AWSResource {
  /// A secret by name or ARN; an ARN ends in six characters that the name does not have.
  static func secret(_ name: String) -> AWSResource {
    .regional(
      "secretsmanager", "secret:", nameOrARN: name.hasPrefix("arn:") ? name : "\(name)-??????")
  }
}
