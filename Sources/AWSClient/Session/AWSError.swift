public import HTTPClient
public import Platform

/// A call to AWS that did not succeed.
public struct AWSError: ExplainedError {
  /// What stood in the way.
  public enum Cause: Sendable {
    /// The service answered with an error.
    case refused(status: Int, code: String, message: String)
    /// No complete answer came.
    case noAnswer(TransportError)
    /// The answer came, but is not what the service is documented to send.
    case unreadable(String)
    /// This program did not make the call.
    case notSent(why: String, remedy: String)
  }

  /// The IAM name of the call: `rds:DescribeDBInstances`.
  public let call: String
  /// The region the call went to.
  public let region: String
  /// What stood in the way.
  public let cause: Cause
  /// AWS's identifier of the exchange, for its support.
  public let requestID: String?
  /// S3's second identifier of the exchange.
  public let hostID: String?
  /// How long the service asks to be left alone.
  public let retryAfter: Duration?
  /// How often the call was tried.
  public let attempts: Int
  /// Whether the call may have changed something although it failed: then what it was to make
  /// has to be looked up before the call is made again.
  public let mayHaveTakenEffect: Bool

  /// The service's error code; nil when the service did not answer.
  public var code: String? {
    if case .refused(_, let code, _) = cause { code } else { nil }
  }

  /// Whether the same call may succeed later without anybody mending anything.
  public var isTransient: Bool {
    switch cause {
    case .noAnswer(let error): error.kind != .tlsRefused && error.kind != .notARequest
    case .unreadable: true
    case .notSent: false
    case .refused(let status, let code, _):
      RetryRules.isThrottling(code) || RetryRules.isTransient(status: status, code: code)
    }
  }

  /// Whether something took the call at the other end, whatever came of it.
  public var hasReachedService: Bool {
    switch cause {
    case .noAnswer(let error): error.mayHaveArrived
    case .notSent: false
    case .refused, .unreadable: true
    }
  }

  /// Whether the credentials used have expired, so that fresh ones may be let in.
  public var isExpiredToken: Bool {
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired"].contains(code ?? "")
  }

  public var summary: String { "the call \(call) failed" }
  public var subject: String? {
    let request = requestID.map { ", request \($0)" } ?? ""
    return "region \(region)\(request)\(hostID.map { ", host \($0)" } ?? "")"
  }
  public var reason: String {
    let tries = attempts > 1 ? " (tried \(attempts) times)" : ""
    switch cause {
    case .refused(let status, let code, let message):
      return "\(code.isEmpty ? "HTTP \(status)" : code): \(message)\(tries)"
    case .noAnswer(let error): return "\(error.origin): \(error.detail)\(tries)"
    case .unreadable(let detail): return detail + tries
    case .notSent(let why, _): return why
    }
  }
  public var remedy: String {
    switch cause {
    case .noAnswer(let error): error.remedy
    case .notSent(_, let remedy): remedy
    case .unreadable: "Check that the endpoint is the AWS service and not a proxy's error page."
    case .refused(_, let code, _): ErrorAdvice.remedy(for: code, call: call, region: region)
    }
  }
}

/// What a person can do about an error code of AWS.
enum ErrorAdvice {
  static func remedy(for code: String, call: String, region: String) -> String {
    switch code {
    case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation":
      "Allow \(call) to this identity in \(region), or use credentials that have it."
    case "InvalidClientTokenId", "UnrecognizedClientException", "MissingAuthenticationToken":
      "Check the access key: it is unknown to AWS, deleted, or of another partition."
    case "SignatureDoesNotMatch", "InvalidSignatureException":
      "Check the secret access key and this machine's clock."
    case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
      "Get fresh credentials, then run 'mosaic-dr resume' for this run."
    case "KMSKeyNotAccessibleFault":
      "Check in \(region) that the KMS key is enabled and that its policy allows this identity."
    case "DBSnapshotNotFound", "DBInstanceNotFound", "DBInstanceAutomatedBackupNotFound":
      "Check the identifier and the region of the plan."
    case "DBSubnetGroupNotFoundFault", "DBParameterGroupNotFound", "InvalidSubnet",
      "InvalidVPCNetworkStateFault":
      "Make the missing resource in \(region), or correct the plan's target."
    case "InvalidObjectState":
      "Restore the archived object first (aws s3api restore-object), which takes hours; then run the plan again."
    case _ where code.hasPrefix("KMS."):
      "Check in \(region) that the KMS key is enabled and that its policy allows this identity."
    case _ where code.hasSuffix("QuotaExceeded") || code.hasSuffix("QuotaExceededFault"):
      "Ask for a higher quota in \(region), or free what is not needed there."
    case "InsufficientDBInstanceCapacity":
      "Choose another instance class or try again later: the zone is out of capacity."
    case _ where RetryRules.isThrottling(code):
      "Wait a little, then resume the run; fewer things in parallel help (--parallel)."
    default:
      "Read the service's message; when the cause is mended, resume the run."
    }
  }
}
