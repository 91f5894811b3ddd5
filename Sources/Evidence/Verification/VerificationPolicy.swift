public import Platform
import StrictJSON

/// What whoever verifies a report demands of it.
public struct VerificationPolicy: Sendable {
  /// The keys that may have signed; without any, the key beside the report is used, and the checks
  /// say that it is not pinned.
  public var trusted: [PublicKey]
  /// How many different trusted keys must have signed.
  public var threshold = 1
  /// The plan that must have run: its name, or the SHA-256 of its bytes.
  public var plan: String?
  /// How long ago the run may have ended.
  public var maximumAge: Duration?
  /// What the run must have been given before it began.
  public var challenge: String?
  /// The run that the report must be about.
  public var run: String?
  /// The moment of verification.
  public var now: Timestamp

  /// Demands a signature of one of these keys, and nothing else.
  public init(trusted: [PublicKey], now: Timestamp) {
    self.trusted = trusted
    self.now = now
  }
}

/// What was checked, and that it held.
public struct VerifiedReport: Sendable {
  /// One line a check, in order.
  public let checks: [String]
  /// What could not be checked, and why.
  public let notes: [String]
  /// The report.
  public let report: RunReport
}

/// A report that cannot be trusted.
public struct VerificationFailure: ExplainedError, Equatable {
  /// The file.
  public let file: String
  /// What does not hold.
  public let reason: String

  public var summary: String { "the report does not verify" }
  public var subject: String? { file }
  public var remedy: String {
    "Do not rely on it; get the folder again from whoever holds the original."
  }
}
