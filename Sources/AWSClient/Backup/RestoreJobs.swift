public import Platform
public import StrictJSON

/// `backup:StartRestoreJob`: asks AWS Backup to make a resource from a recovery point.
public struct StartRestoreJob: RESTJSONRequest {
  public static let service = AWSService.backup
  public static let action = "StartRestoreJob"
  public static let effect = RequestEffect.creates

  private let point: String
  private let metadata: [String: String]
  private let role: String
  private let token: String

  /// Creates the request. The same token with the same request gives the same job.
  public init(point: String, metadata: [String: String], role: String, token: String) {
    self.point = point
    self.metadata = metadata
    self.role = role
    self.token = token
  }

  public var idempotencyToken: String? { token }

  public var input: RESTInput {
    var input = RESTInput("PUT", "/restore-jobs")
    input.setMember("RecoveryPointArn", .string(point))
    if !metadata.isEmpty {
      var members = JSONObject()
      for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
        members[name] = .string(value)
      }
      input.setMember("Metadata", .object(members))
    }
    input.setMember("IamRoleArn", .string(role))
    input.setMember("IdempotencyToken", .string(token))
    input.setMember("ResourceType", "RDS")
    input.setMember("CopySourceTagsToRestoredResource", .bool(false))
    return input
  }

  public var resources: [AWSResource] { [.recoveryPoint(point)] }

  public func relatedPermissions(in region: String) -> [IAMPermission] {
    [
      IAMPermission(
        "iam:PassRole", [.arn(role)],
        [.init("StringEquals", "iam:PassedToService", "backup.amazonaws.com")])
    ]
  }

  /// The job's identifier.
  public static func answer(from result: JSONValue) throws -> String {
    try result.required("RestoreJobId", of: action)
  }
}

/// A restore job of AWS Backup.
public struct RestoreJob: Sendable, Equatable {
  /// `PENDING`, `RUNNING`, `COMPLETED`, `ABORTED`, `FAILED`.
  public let status: String
  /// Why it stands so.
  public let message: String?
  /// How far it is, 0 to 100.
  public let percent: Int?
  /// What it made.
  public let createdResource: String?
}

/// `backup:DescribeRestoreJob`
public struct DescribeRestoreJob: RESTJSONRequest {
  public static let service = AWSService.backup
  public static let action = "DescribeRestoreJob"
  public static let effect = RequestEffect.reads

  private let job: String

  /// Creates the request.
  public init(job: String) { self.job = job }

  public var input: RESTInput {
    var input = RESTInput("GET", "/restore-jobs/{RestoreJobId}")
    input.setPath("RestoreJobId", job)
    return input
  }

  public static func answer(from result: JSONValue) throws -> RestoreJob {
    // "12.50%", or a plain number.
    let percent = result.string("PercentDone")?.prefix { $0.isNumber }
    return RestoreJob(
      status: try result.required("Status", of: action),
      message: result.string("StatusMessage"), percent: percent.flatMap { Int($0) },
      createdResource: result.string("CreatedResourceArn"))
  }
}

/// `backup:ListRestoreJobs`: a page of the jobs that restore databases of RDS in a region.
public struct ListRestoreJobs: RESTJSONRequest {
  public static let service = AWSService.backup
  public static let action = "ListRestoreJobs"
  public static let effect = RequestEffect.reads

  private let since: Timestamp
  private let token: String?

  /// A job as the list has it.
  public struct Job: Sendable, Equatable {
    /// Its identifier.
    public let identifier: String
    /// The recovery point that it restores.
    public let point: String
    /// The role that it works with.
    public let role: String?
  }

  /// One page.
  public struct Page: Sendable {
    /// The jobs, in no promised order.
    public let jobs: [Job]
    /// What to ask for the next page with; nil on the last one.
    public let token: String?
  }

  /// Creates the request for jobs that were made after an instant.
  public init(since: Timestamp, from token: String? = nil) {
    self.since = since
    self.token = token
  }

  public var input: RESTInput {
    var input = RESTInput("GET", "/restore-jobs/")
    input.setQuery("NextToken", token, wire: "nextToken")
    input.setQuery("ByResourceType", "RDS", wire: "resourceType")
    input.setQuery(
      "ByCreatedAfter", Timestamp(unixSeconds: since.unixSeconds).description, wire: "createdAfter")
    return input
  }

  public static func answer(from result: JSONValue) throws -> Page {
    Page(
      jobs: try (result["RestoreJobs"]?.arrayValue ?? []).map { job in
        Job(
          identifier: try job.required("RestoreJobId", of: action),
          point: try job.required("RecoveryPointArn", of: action), role: job.string("IamRoleArn"))
      }, token: result.string("NextToken"))
  }
}

/// `backup:GetRestoreJobMetadata`: what a job was told to make.
public struct GetRestoreJobMetadata: RESTJSONRequest {
  public static let service = AWSService.backup
  public static let action = "GetRestoreJobMetadata"
  public static let effect = RequestEffect.reads

  private let job: String

  /// Creates the request.
  public init(job: String) { self.job = job }

  public var input: RESTInput {
    var input = RESTInput("GET", "/restore-jobs/{RestoreJobId}/metadata")
    input.setPath("RestoreJobId", job)
    return input
  }

  public static func answer(from result: JSONValue) throws -> [String: String] {
    let members = result["Metadata"]?.objectValue?.members ?? []
    return Dictionary(
      members.compactMap { name, value in value.stringValue.map { (name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}
