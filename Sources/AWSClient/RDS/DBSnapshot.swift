public import Platform

/// A snapshot of a database instance (API Reference, "DBSnapshot"); fields this program reads.
public struct DBSnapshot: Sendable, Equatable {
  /// The name.
  public let identifier: String
  /// The ARN.
  public let arn: String?
  /// The instance it was taken of.
  public let instanceIdentifier: String
  /// That instance's unchanging identity.
  public let instanceResourceID: String?
  /// `creating`, `copying`, `available`, `failed` ….
  public let status: String
  /// `automated`, `manual`, `shared`, `awsbackup` ….
  public let type: String
  /// The moment of the last transaction it holds. The only field that a copy keeps and that
  /// speaks of the data.
  public let databaseTime: Timestamp?
  /// When the first snapshot was made; a copy keeps it.
  public let originalCreateTime: Timestamp?
  /// When this snapshot was made; a copy has its own.
  public let createTime: Timestamp?
  /// Whether it is encrypted.
  public let isEncrypted: Bool
  /// The key that encrypts it.
  public let kmsKeyID: String?
  /// The engine.
  public let engine: String
  /// The engine's version.
  public let engineVersion: String
  /// Allocated storage in GiB.
  public let allocatedStorage: Int?
  /// How far its making or copying is, 0 to 100; nil or 0 while it is queued.
  public let percent: Int?
  /// Resource tags.
  public let tags: [String: String]

  init(_ element: XMLElement, of action: String) throws {
    identifier = try element.required("DBSnapshotIdentifier", of: action)
    instanceIdentifier = try element.required("DBInstanceIdentifier", of: action)
    status = try element.required("Status", of: action)
    arn = element.string("DBSnapshotArn")
    instanceResourceID = element.string("DbiResourceId")
    type = element.string("SnapshotType") ?? ""
    databaseTime = element.moment("SnapshotDatabaseTime")
    originalCreateTime = element.moment("OriginalSnapshotCreateTime")
    createTime = element.moment("SnapshotCreateTime")
    isEncrypted = element.flag("Encrypted") ?? false
    kmsKeyID = element.string("KmsKeyId")
    engine = element.string("Engine") ?? ""
    engineVersion = element.string("EngineVersion") ?? ""
    allocatedStorage = element.integer("AllocatedStorage")
    percent = element.integer("PercentProgress")
    tags = element.tags("TagList")
  }
}

extension DBSnapshot {
  /// The one snapshot that a call answers with after it made or removed it.
  static func single(in result: XMLElement, of action: String) throws -> DBSnapshot {
    guard let element = result.child("DBSnapshot") else {
      throw Problem(
        "cannot read the answer to \(action)", on: "DBSnapshot",
        because: "the snapshot that the API promises is missing",
        fix: "Check that the endpoint is the AWS service.")
    }
    return try DBSnapshot(element, of: action)
  }
}

/// One page of snapshots.
public struct DBSnapshotPage: Sendable {
  /// The snapshots, in no promised order.
  public let snapshots: [DBSnapshot]
  /// What to ask for the next page with; nil on the last one.
  public let marker: String?
}
