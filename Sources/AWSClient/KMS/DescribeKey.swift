import Platform
public import StrictJSON

/// A key of KMS (API Reference, "KeyMetadata"); fields this program reads.
public struct KMSKey: Sendable, Equatable {
  /// The identifier.
  public let identifier: String
  /// The ARN.
  public let arn: String
  /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable` ….
  public let state: String
  /// `CUSTOMER`, or `AWS` for the keys that services keep for an account.
  public let manager: String
  /// Whether the key has replicas in other regions, or is one.
  public let isMultiRegion: Bool
}

/// `kms:DescribeKey`, by identifier, ARN or alias.
public struct DescribeKey: JSONRequest {
  public static let service = AWSService.kms
  public static let action = "DescribeKey"
  public static let effect = RequestEffect.reads

  private let key: String

  /// Creates the request.
  public init(key: String) { self.key = key }

  public var input: JSONObject { ["KeyId": .string(key)] }

  /// Policies name keys, never aliases.
  public var resources: [AWSResource] {
    [.regional("kms", "key/", nameOrARN: key.contains("alias/") ? "*" : key)]
  }

  public static func answer(from result: JSONValue) throws -> KMSKey {
    let metadata = result["KeyMetadata"] ?? [:]
    return KMSKey(
      identifier: try metadata.required("KeyId", of: action),
      arn: try metadata.required("Arn", of: action),
      state: try metadata.required("KeyState", of: action),
      manager: metadata.string("KeyManager") ?? "",
      isMultiRegion: metadata.flag("MultiRegion") ?? false)
  }
}
