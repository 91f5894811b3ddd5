public import Platform
public import StrictJSON

/// A recovery point of AWS Backup (API Reference, "RecoveryPointByResource").
public struct BackupRecoveryPoint: Sendable, Equatable {
  /// The ARN.
  public let arn: String
  /// The vault that it lies in.
  public let vault: String
  /// `COMPLETED`, `AVAILABLE`, `PARTIAL`, `EXPIRED`, `DELETING` ….
  public let status: String
  /// When it was made; a copy has its own.
  public let createdAt: Timestamp?
}

/// `backup:ListRecoveryPointsByResource`: a page of what AWS Backup holds of a resource in a region.
public struct ListRecoveryPointsByResource: RESTJSONRequest {
  public static let service = AWSService.backup
  public static let action = "ListRecoveryPointsByResource"
  public static let effect = RequestEffect.reads

  private let resource: String
  private let token: String?

  /// One page.
  public struct Page: Sendable {
    /// The recovery points, in no promised order.
    public let points: [BackupRecoveryPoint]
    /// What to ask for the next page with; nil on the last one.
    public let token: String?
  }

  /// Creates the request; `resource` is the ARN of what was backed up.
  public init(resource: String, from token: String? = nil) {
    self.resource = resource
    self.token = token
  }

  public var input: RESTInput {
    var input = RESTInput("GET", "/resources/{ResourceArn}/recovery-points/")
    input.setPath("ResourceArn", resource)
    input.setQuery("NextToken", token, wire: "nextToken")
    return input
  }

  public static func answer(from result: JSONValue) throws -> Page {
    Page(
      points: try (result["RecoveryPoints"]?.arrayValue ?? []).map { point in
        BackupRecoveryPoint(
          arn: try point.required("RecoveryPointArn", of: action),
          vault: try point.required("BackupVaultName", of: action),
          status: try point.required("Status", of: action),
          createdAt: point.moment("CreationDate"))
      }, token: result.string("NextToken"))
  }
}

/// `backup:GetRecoveryPointRestoreMetadata`: what the resource was like, as a restore is told it.
public struct GetRecoveryPointRestoreMetadata: RESTJSONRequest {
  public static let service = AWSService.backup
  public static let action = "GetRecoveryPointRestoreMetadata"
  public static let effect = RequestEffect.reads

  private let vault: String
  private let point: String

  /// Creates the request.
  public init(vault: String, point: String) {
    self.vault = vault
    self.point = point
  }

  public var input: RESTInput {
    var input = RESTInput(
      "GET", "/backup-vaults/{BackupVaultName}/recovery-points/{RecoveryPointArn}/restore-metadata")
    input.setPath("BackupVaultName", vault)
    input.setPath("RecoveryPointArn", point)
    return input
  }

  public var resources: [AWSResource] { [.recoveryPoint(point)] }

  public static func answer(from result: JSONValue) throws -> [String: String] {
    let members = result["RestoreMetadata"]?.objectValue?.members ?? []
    return Dictionary(
      members.compactMap { name, value in value.stringValue.map { (name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}

extension AWSResource {
  /// A recovery point by its ARN, which is that of a snapshot of the service; any when it is unknown.
  static func recoveryPoint(_ arn: String) -> AWSResource {
    arn.hasPrefix("arn:") ? .arn(arn) : .any
  }
}
