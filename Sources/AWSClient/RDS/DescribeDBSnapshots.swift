/// `rds:DescribeDBSnapshots`: a page of an instance's snapshots, or one snapshot by name.
public struct DescribeDBSnapshots: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeDBSnapshots"
  public static let effect = RequestEffect.reads

  private let instance: String?
  private let snapshot: String?
  private let marker: String?
  private let type: String?

  /// Asks for the automated and manual snapshots of an instance, from `marker` on.
  public init(instance: String, marker: String? = nil) {
    self.instance = instance
    snapshot = nil
    self.marker = marker
    type = nil
  }

  /// Asks for the manual snapshots of every instance, from `marker` on.
  public init(manualFrom marker: String?) {
    instance = nil
    snapshot = nil
    self.marker = marker
    type = "manual"
  }

  /// Asks for one snapshot; `DBSnapshotNotFound` when it does not exist.
  public init(snapshot: String) {
    instance = nil
    self.snapshot = snapshot
    marker = nil
    // An automated snapshot of that name is found only when its type is named too.
    type = snapshot.hasPrefix("rds:") ? "automated" : nil
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("DBInstanceIdentifier", instance)
    parameters.set("DBSnapshotIdentifier", snapshot)
    parameters.set("SnapshotType", type)
    parameters.set("Marker", marker)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBSnapshotPage {
    DBSnapshotPage(
      snapshots: try result.list("DBSnapshots").map { try DBSnapshot($0, of: action) },
      marker: result.string("Marker"))
  }
}
