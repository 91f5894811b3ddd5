public import Platform

/// A snapshot of an Aurora cluster (API Reference, "DBClusterSnapshot"); fields this program reads.
///
/// It has no field that speaks of the data: the instant it was made is the nearest there is.
public struct DBClusterSnapshot: Sendable, Equatable {
  /// The name.
  public let identifier: String
  /// The cluster it was taken of.
  public let cluster: String
  /// `creating`, `available`, `failed` ….
  public let status: String
  /// `automated`, `manual` ….
  public let type: String
  /// When it was made; a copy has its own.
  public let createTime: Timestamp?
  /// The snapshot that it is a copy of; nil for an original.
  public let copyOf: String?
  /// The engine.
  public let engine: String
  /// The engine's version.
  public let engineVersion: String
  /// Whether it is encrypted.
  public let isEncrypted: Bool
  /// The key that encrypts it.
  public let kmsKeyID: String?

  init(_ element: XMLElement, of action: String) throws {
    identifier = try element.required("DBClusterSnapshotIdentifier", of: action)
    cluster = try element.required("DBClusterIdentifier", of: action)
    status = try element.required("Status", of: action)
    type = element.string("SnapshotType") ?? ""
    createTime = element.moment("SnapshotCreateTime")
    copyOf = element.string("SourceDBClusterSnapshotArn")
    engine = element.string("Engine") ?? ""
    engineVersion = element.string("EngineVersion") ?? ""
    isEncrypted = element.flag("StorageEncrypted") ?? false
    kmsKeyID = element.string("KmsKeyId")
  }
}

/// `rds:DescribeDBClusterSnapshots`: a page of a cluster's snapshots, or one by name.
public struct DescribeDBClusterSnapshots: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBClusterSnapshots"
  public static let effect = RequestEffect.reads

  private let cluster: String?
  private let snapshot: String?
  private let marker: String?

  /// One page of snapshots.
  public struct Page: Sendable {
    /// The snapshots, in no promised order.
    public let snapshots: [DBClusterSnapshot]
    /// What to ask for the next page with; nil on the last one.
    public let marker: String?
  }

  /// Asks for the automated and manual snapshots of a cluster, from `marker` on.
  public init(cluster: String, marker: String? = nil) {
    self.cluster = cluster
    snapshot = nil
    self.marker = marker
  }

  /// Asks for one snapshot; `DBClusterSnapshotNotFoundFault` when it does not exist.
  public init(snapshot: String) {
    cluster = nil
    self.snapshot = snapshot
    marker = nil
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBClusterIdentifier", cluster)
    parameters.set("DBClusterSnapshotIdentifier", snapshot)
    parameters.set("Marker", marker)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> Page {
    Page(
      snapshots: try result.list("DBClusterSnapshots").map {
        try DBClusterSnapshot($0, of: action)
      },
      marker: result.string("Marker"))
  }
}
