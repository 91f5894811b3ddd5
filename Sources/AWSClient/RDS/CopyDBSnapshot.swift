import HTTPClient
public import Platform

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
  /// The same request as signed for the region of the snapshot; see ``needsPresignedURL(in:)``.
  public var presignedURL: Secret<String>?

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
    parameters.set("PreSignedUrl", presignedURL?.reveal())
    parameters.setTags(tags)
    return parameters
  }

  /// Whether a copy between regions has to carry a URL that is signed for the region of the snapshot:
  /// outside of AWS's commercial partition, where newer endpoints do without.
  ///
  /// Source: RDS API Reference, CopyDBSnapshot, `PreSignedUrl`.
  public static func needsPresignedURL(in region: String) -> Bool {
    Partition(of: region).name != "aws"
  }

  /// For how long the URL is good, as botocore has it.
  static let presignedLifetime: Duration = .seconds(3_600)

  /// What is signed for the region of the snapshot: the copy, and where it goes.
  func request(to region: String, endpoint: String) -> HTTPRequest {
    var parameters = parameters
    parameters.set("DestinationRegion", region)
    let head = [("Action", Self.action), ("Version", Self.service.wire.version)]
    let query = (head + parameters.flattened.map { ($0.name, $0.value) })
      .map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    return HTTPRequest(method: "GET", url: "\(endpoint)?\(query)")
  }

  public static func answer(from result: XMLElement) throws -> DBSnapshot {
    try DBSnapshot.single(in: result, of: action)
  }
}

extension AWSClient {
  /// The URL by which RDS reads a snapshot of another region in the caller's name.
  ///
  /// - Throws: `Problem` for missing credentials.
  public func presignedURL(
    of copy: CopyDBSnapshot, from sourceRegion: String, to region: String
  ) async throws -> Secret<String> {
    let request = copy.request(
      to: region, endpoint: settings.endpoint(of: .rds, in: sourceRegion))
    return Secret(
      try await presigned(
        request, for: .rds, in: sourceRegion, expires: CopyDBSnapshot.presignedLifetime))
  }
}
