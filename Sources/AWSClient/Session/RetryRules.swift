import HTTPClient
import Platform

/// Which errors are worth another try, and how long to wait before it: the AWS SDKs' standard mode
/// (SDKs and Tools Reference Guide, "Retry behavior").
enum RetryRules {
  private static let throttlingCodes: Set<String> = [
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
    "TooManyRequestsException", "ProvisionedThroughputExceededException",
    "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
    "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
    "EC2ThrottledException",
  ]

  /// The service refused the call for its rate; it had no effect.
  static func isThrottling(_ code: String) -> Bool { throttlingCodes.contains(code) }

  /// The service failed to do what it can usually do. S3 may say so with status 200, once it has begun its
  /// answer.
  static func isTransient(status: Int, code: String) -> Bool {
    [429, 500, 502, 503, 504].contains(status)
      || [
        "RequestTimeout", "RequestTimeoutException", "IDPCommunicationError", "InternalError",
        "ServiceUnavailable",
      ].contains(code)
  }

  /// The longest wait that a service may ask for.
  static let longestAskedWait: Duration = .seconds(60)

  /// How long an answer asks to be left alone: `x-amz-retry-after` in milliseconds, else `Retry-After`
  /// in seconds.
  static func asked(in answer: HTTPAnswer) -> Duration? {
    let milliseconds = answer.headers.value(of: "x-amz-retry-after").flatMap { Int64($0) }
    let seconds = answer.headers.value(of: "Retry-After").flatMap { Int64($0) }
    let asked =
      milliseconds.map { Duration.milliseconds($0) } ?? seconds.map { Duration.seconds($0) }
    return asked.map { min(max($0, .zero), longestAskedWait) }
  }

  /// Full jitter: anywhere between nothing and 1 s, 2 s, 4 s … 20 s after attempt 1, 2, 3 ….
  static func delay(afterAttempt attempt: Int, random: some RandomSource) -> Duration {
    let ceiling = min(Double(1 << min(attempt - 1, 10)), 20)
    return .milliseconds(Int64(random.unitInterval() * ceiling * 1_000))
  }

  private static let skewCodes: Set<String> = [
    "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed",
    "AccessDeniedException", "RequestExpired", "RequestInTheFuture",
  ]

  /// Whether the refusal may come from this machine's clock: AWS accepts about five minutes.
  static func looksLikeClockSkew(_ code: String, offset: Duration) -> Bool {
    skewCodes.contains(code) && (offset > .seconds(240) || offset < .seconds(-240))
  }
}
