public import Platform

/// An Aurora cluster as RDS describes it (API Reference, "DBCluster"); fields this program reads.
public struct DBCluster: Sendable {
  /// The name, lower-case.
  public let identifier: String
  /// The identity that never changes and is never used again: `cluster-…`.
  public let resourceID: String
  /// The status in RDS's own words; see ``DBInstanceStatus``.
  public let status: String
  /// The engine, as `aurora-postgresql`.
  public let engine: String
  /// The engine's version.
  public let engineVersion: String
  /// Where its writer listens; nil while there is none.
  public let endpoint: DBInstance.Endpoint?
  /// The oldest moment it can be restored to.
  public let earliestRestorableTime: Timestamp?
  /// The newest moment it can be restored to.
  public let latestRestorableTime: Timestamp?
  /// When it was made.
  public let createdAt: Timestamp?
  /// The names of its instances.
  public let members: [String]
  /// The name of the instance that writes; nil while there is none.
  public let writer: String?
  /// The ARN.
  public let arn: String?
  /// The subnet group it lies in.
  public let subnetGroup: String?
  /// Names of changes that are asked for but not in force.
  public let pendingChanges: [String]
  /// The settings that a modification can ask for, as they are in force.
  public let settings: DatabaseSettings
  /// What else a restore does not carry over.
  public let details: DatabaseDetails
  /// Resource tags.
  public let tags: [String: String]
  /// Whether its storage is encrypted.
  public let isEncrypted: Bool
  /// The key that encrypts it.
  public let kmsKeyID: String?

  init(_ element: XMLElement, of action: String) throws {
    identifier = try element.required("DBClusterIdentifier", of: action)
    resourceID = try element.required("DbClusterResourceId", of: action)
    status = try element.required("Status", of: action)
    engine = element.string("Engine") ?? ""
    engineVersion = element.string("EngineVersion") ?? ""
    endpoint = element.string("Endpoint").flatMap { address in
      element.integer("Port").map { DBInstance.Endpoint(address: address, port: $0) }
    }
    earliestRestorableTime = element.moment("EarliestRestorableTime")
    latestRestorableTime = element.moment("LatestRestorableTime")
    createdAt = element.moment("ClusterCreateTime")
    let instances = element.list("DBClusterMembers")
    members = instances.compactMap { $0.string("DBInstanceIdentifier") }
    writer = instances.first { $0.flag("IsClusterWriter") == true }?
      .string("DBInstanceIdentifier")
    arn = element.string("DBClusterArn")
    subnetGroup = element.string("DBSubnetGroup")
    pendingChanges = element.list("PendingModifiedValues").map(\.name)
    settings = DatabaseSettings(inForce: element)
    details = DatabaseDetails(inForce: element)
    tags = element.tags("TagList")
    isEncrypted = element.flag("StorageEncrypted") ?? false
    kmsKeyID = element.string("KmsKeyId")
  }

  /// The one cluster that a call answers with after it changed it.
  static func single(in result: XMLElement, of action: String) throws -> DBCluster {
    guard let element = result.child("DBCluster") else {
      throw Problem(
        "cannot read the answer to \(action)", on: "DBCluster",
        because: "the cluster that the API promises is missing",
        fix: "Check that the endpoint is the AWS service.")
    }
    return try DBCluster(element, of: action)
  }
}

/// One page of clusters.
public struct DBClusterPage: Sendable {
  /// The clusters.
  public let clusters: [DBCluster]
  /// What to ask for the next page with; nil on the last one.
  public let marker: String?
}
