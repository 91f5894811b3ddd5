import AWSClient
import BucketComparison
import Platform
import RunEngine

/// One bucket in its region, as a step reaches it.
struct S3Side: Sendable {
  let bucket: String
  /// The KMS keys that the plan states for its objects.
  let keys: [String]
  let aws: AWSAccess

  init(_ bucket: String, _ client: AWSClient, region: String, keys: [String] = []) {
    self.init(bucket: bucket, keys: keys, aws: AWSAccess(client: client, region: region))
  }

  private init(bucket: String, keys: [String], aws: AWSAccess) {
    self.bucket = bucket
    self.keys = keys
    self.aws = aws
  }

  /// As a step reaches it that goes to another bucket too: with one record of its calls.
  func beside(_ other: S3Side) -> S3Side {
    S3Side(bucket: bucket, keys: keys, aws: aws.recording(with: other.aws))
  }

  /// As another step reaches it.
  var afresh: S3Side { S3Side(bucket, aws.client, region: aws.region, keys: keys) }

  /// For people: `mosaic-media in us-east-1`.
  var name: String { "\(bucket) in \(aws.region)" }

  /// The bucket as a listing.
  func listing(_ context: StepContext) -> BucketListing {
    BucketListing(
      bucket: bucket, region: aws.region, client: aws.client, http: aws.client.http,
      time: context.time, random: context.random)
  }

  /// A setting of the bucket; nil when it has none.
  func setting<Request: S3SettingRequest>(
    _ request: Request, _ context: StepContext
  ) async throws -> Request.Answer? {
    try await found(request, absentWhen: [Request.absence].compactMap { $0 }, context)
  }

  /// What is asked for; nil when it is not there, which S3 says with one of the codes.
  func found<Request: AWSRequest>(
    _ request: Request, absentWhen codes: [String], _ context: StepContext
  ) async throws -> Request.Answer? {
    do {
      return try await aws.send(request, context)
    } catch let error as AWSError where codes.contains(error.code ?? "") {
      return nil
    }
  }

  /// A call for a setting that the bucket may be without.
  func plan<Request: S3SettingRequest>(_ request: Request) -> PlannedCall {
    aws.plan(request).mayFind(nothing: Request.absence)
  }

  /// What S3 says of an object; nil when it is not there.
  func head(
    _ key: String, version: String? = nil, _ context: StepContext
  ) async throws -> S3ObjectHead? {
    try await found(
      HeadObject(bucket: bucket, key: key, version: version),
      absentWhen: ["NotFound", "NoSuchKey", "NoSuchVersion"], context)
  }

  /// The calls by which the bucket is deleted with what is in it, once its tags say that it may be.
  var removalCalls: [PlannedCall] {
    listingCalls + [
      aws.plan(GetBucketTagging(bucket: bucket)),
      aws.plan(DeleteObject(bucket: bucket, key: "<key>", version: "<version>")),
      aws.plan(DeleteBucket(bucket: bucket)),
    ]
  }

  /// The calls that listing the bucket makes.
  var listingCalls: [PlannedCall] {
    let listed = [AWSResource.global("s3", bucket)]
    return [
      PlannedCall(
        "s3:ListBucket", in: aws.region, effect: .reads,
        permissions: ["s3:ListBucket", "s3:ListBucketVersions"].map { action in
          CallPermission(.aws, action, on: listed.map { $0.pattern(in: aws.region) })
        },
        command: [
          "aws", "s3api", "list-objects-v2", "--region", aws.region, "--bucket", bucket,
        ])
    ]
  }
}

/// Looks objects of two buckets up, one by one.
struct S3Examiner: ObjectExaminer {
  let sourceSide: S3Side
  let replicaSide: S3Side
  let context: StepContext

  func source(_ key: [UInt8], version: String) async throws -> ObjectHead {
    try await head(key, version, sourceSide)
  }

  func replica(_ key: [UInt8], version: String) async throws -> ObjectHead {
    try await head(key, version, replicaSide)
  }

  private func head(_ key: [UInt8], _ version: String, _ side: S3Side) async throws -> ObjectHead {
    let name = String(decoding: key, as: UTF8.self)
    // "null" is a version like others: the one that was written while the bucket kept none.
    let named = version.isEmpty ? nil : version
    do {
      if let head = try await side.head(name, version: named, context) {
        return ObjectHead(head)
      }
    } catch let error as AWSError where error.code == "MethodNotAllowed" {
      // The version is a delete marker (API Reference, "HeadObject").
      return ObjectHead(exists: true, isDeleted: true)
    } catch let error as AWSError where Self.isAboutOneObject(error) {
      return .refused("\(error.code ?? "") from \(side.bucket)")
    }
    return named == nil ? try await deletion(of: key, side) : ObjectHead(exists: false)
  }

  /// One object may be closed to us alone: by a policy, by a key of KMS, or by a key that its writer keeps
  /// (SSE-C, of which HEAD says no more than 400).
  private static func isAboutOneObject(_ error: AWSError) -> Bool {
    guard case .refused(let status, _, _) = error.cause else { return false }
    return [400, 403].contains(status) && !error.isTransient && !error.isExpiredToken
  }

  /// Whether a delete marker hides an object, and since when, only the versions tell.
  private func deletion(of key: [UInt8], _ side: S3Side) async throws -> ObjectHead {
    var query = ListingQuery(prefix: key, includesVersions: true)
    query.limit = 1
    let page = try await side.listing(context).page(query, at: .after(nil), foundNext: { _ in })
    guard let newest = page.firstRecord, newest.key == key, newest.isDeleteMarker else {
      return ObjectHead(exists: false)
    }
    return ObjectHead(exists: false, isDeleted: true, modified: newest.modified)
  }
}

extension ObjectHead {
  /// What S3 said, as a comparison needs it.
  init(_ head: S3ObjectHead) {
    self.init(
      exists: true, size: head.size, etag: head.etag, modified: head.modified,
      status: Status(header: head.replicationStatus), encryption: head.encryption,
      checksum: head.checksum)
    storageClass = head.storageClass ?? ""
    restoration = head.restoration
  }
}
