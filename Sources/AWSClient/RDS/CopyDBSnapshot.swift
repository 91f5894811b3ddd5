/// `rds:CopyDBSnapshot`, sent to the region that gets the copy.
///
/// An encrypted snapshot of another region needs a key of the region that gets the copy. Tags of the
/// source are not taken over: one with AWS's own tags would be refused.
public struct CopyDBSnapshot: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "CopyDBSnapshot"
  public static let effect = RequestEffect.creates

  private let source: String
  private let target: String
  private let kmsKey: String?
  private let tags: [String: String]

  /// Creates the request; `source` is an ARN when the snapshot is of another region.
  public init(source: String, target: String, kmsKey: String?, tags: [String: String]) {
    self.source = source
    self.target = target
    self.kmsKey = kmsKey
    self.tags = tags
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("SourceDBSnapshotIdentifier", source)
    parameters.set("TargetDBSnapshotIdentifier", target)
    parameters.set("KmsKeyId", kmsKey)
    parameters.setTags(tags)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> DBSnapshot {
    try DBSnapshot.single(in: result, of: action)
  }
}
