public import Platform
import Synchronization

/// One request to the API server as evidence.
public struct KubernetesCall: Sendable, Codable, Equatable {
  /// The request: `create restores.velero.io velero/app`.
  public let call: String
  /// The context.
  public let context: String
  /// The server's identifier of the request (`Audit-Id`), by which its audit log finds it.
  public let auditID: String?
  /// The HTTP status; nil when no answer came.
  public let status: Int?
  /// How often it was tried.
  public let attempts: Int
  /// When the first try began.
  public let startedAt: Timestamp

  enum CodingKeys: String, CodingKey {
    case call, context, status, attempts
    case auditID = "audit_id"
    case startedAt = "started_at"
  }
}

/// Collects the requests that one step makes: the first and the latest.
public final class KubernetesCallLog: Sendable {
  /// How many are kept from the start, and how many from the end.
  public static let kept = 20

  private let records = Mutex(FirstAndLatest<KubernetesCall>(share: kept))

  /// Creates an empty log.
  public init() {}

  func append(_ call: KubernetesCall) {
    records.withLock { $0.append(call) }
  }

  /// The calls kept.
  public var kept: [KubernetesCall] { records.withLock { $0.kept } }
  /// How many there were.
  public var count: Int { records.withLock { $0.count } }
}
