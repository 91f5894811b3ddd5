public import Platform
import Synchronization

/// One call to AWS as evidence: enough to find it in CloudTrail, and nothing secret.
public struct CallRecord: Sendable, Codable, Equatable {
  /// The IAM name: `rds:DescribeDBInstances`.
  public let call: String
  /// The region it went to.
  public let region: String
  /// AWS's identifier of the last exchange.
  public let requestID: String?
  /// The HTTP status of the last exchange; nil when no answer came.
  public let status: Int?
  /// The error code, when it failed.
  public let errorCode: String?
  /// How often it was tried.
  public let attempts: Int
  /// When the first try began.
  public let startedAt: Timestamp
  /// From the first try's start to the last one's end, in milliseconds.
  public let milliseconds: Int64

  enum CodingKeys: String, CodingKey {
    case call, region, status, attempts, milliseconds
    case requestID = "request_id"
    case errorCode = "error_code"
    case startedAt = "started_at"
  }
}

/// Collects the calls that one step makes, oldest first.
///
/// Bounded: a long wait polls hundreds of times, and only the first and the latest are evidence.
public final class CallLog: Sendable {
  /// How many calls are kept from the start, and how many from the end.
  public static let kept = 20

  private let records = Mutex(FirstAndLatest<CallRecord>(share: kept))

  /// Creates an empty log.
  public init() {}

  /// Adds a call.
  public func append(_ record: CallRecord) {
    records.withLock { $0.append(record) }
  }

  /// The calls kept.
  public var kept: [CallRecord] { records.withLock { $0.kept } }
  /// How many calls there were.
  public var count: Int { records.withLock { $0.count } }
}
