import AWSClient
import Platform
import RunEngine
import RunJournal

/// Checks that buckets are where the plan says, keep versions, and are set up to be recovered from.
struct CheckBuckets: ObservingStep {
  static let kind = "s3.check-buckets"
  static let phase = StepPhase.prepare

  /// What was found of one bucket.
  struct Settings: Codable, Sendable, Equatable {
    let bucket: String
    let region: String?
    let versioning: String?
    let encryption: String?
    let encryptionKey: String?
    /// Whether S3 asks KMS for a key of the bucket's own in place of one an object; nil in an older run.
    let hasBucketKey: Bool?
    let ownership: String?
    let hasObjectLock: Bool
    /// For how long each new object is locked; nil when it is not, and in an older run.
    var retention: String?
    let isPublicAccessBlocked: Bool
    /// What deletes objects by their age; nil in an older run.
    var lifecycle: [LifecycleRule]?
  }

  struct Output: Codable, Sendable {
    let buckets: [Settings]

    /// Whether ETags are MD5 sums in all of them: not under SSE-KMS.
    var etagsAreComparable: Bool {
      !buckets.contains { $0.encryption?.hasPrefix("aws:kms") ?? false }
    }
  }

  /// The bucket that is replicated; nil when it is lost.
  let source: S3Side?
  let replica: S3Side
  /// Whether objects are to travel, for which versions must be kept.
  let needsVersioning: Bool
  /// Whether older versions are to be at the replica too.
  var comparesVersions = false
  /// The buckets that inventory reports are read from.
  var reports: [S3Side] = []

  private var sides: [S3Side] { [source, replica].compactMap { $0 } }

  var summary: String { "check buckets \(sides.map(\.bucket).joined(separator: " and "))" }

  var calls: [PlannedCall] {
    sides.flatMap { side in
      let bucket = side.bucket
      return [
        side.aws.plan(HeadBucket(bucket: bucket)),
        side.plan(GetBucketVersioning(bucket: bucket)),
        side.plan(GetBucketEncryption(bucket: bucket)),
        side.plan(GetBucketOwnershipControls(bucket: bucket)),
        side.plan(GetObjectLockConfiguration(bucket: bucket)),
        side.plan(GetPublicAccessBlock(bucket: bucket)),
        side.plan(GetBucketLifecycle(bucket: bucket)),
      ]
    } + reports.map { $0.plan(GetBucketEncryption(bucket: $0.bucket)) }
      + (source == nil ? replica.listingCalls.map { $0.byProgramAlone() } : [])
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    var found: [Settings] = []
    for side in sides { found.append(try await settings(of: side, context)) }
    for (side, settings) in zip(sides, found) { try check(settings, side, context) }
    if let source = source == nil ? nil : found.first, let replica = found.last {
      compare(source, replica, context)
    }
    for side in reports { try await noteKey(ofReportsIn: side, context) }
    if source == nil, try await !replica.emptyPlaces(among: [], context).isEmpty {
      throw Problem(
        "the replica is empty", on: replica.name, because: "no object stands there",
        fix: "Correct the bucket's name in the plan: nobody is led over to nothing.")
    }
    return .ready(Output(buckets: found))
  }

  private func settings(of side: S3Side, _ context: StepContext) async throws -> Settings {
    let bucket = side.bucket
    let region: String?
    do {
      region = try await side.aws.send(HeadBucket(bucket: bucket), context)
    } catch let error as AWSError where error.code == "PermanentRedirect" {
      throw elsewhere(side, "S3 redirects to another region")
    } catch let error as AWSError where !error.isTransient && !error.isExpiredToken {
      throw unreachable(side, error)
    }
    let encryption = try await encryption(of: side, context)
    let lifecycle = try await side.setting(GetBucketLifecycle(bucket: bucket), context)
    let lock = try await side.setting(GetObjectLockConfiguration(bucket: bucket), context)
    return Settings(
      bucket: bucket, region: region,
      versioning: try await side.aws.send(GetBucketVersioning(bucket: bucket), context),
      encryption: encryption?.algorithm, encryptionKey: encryption?.key,
      hasBucketKey: encryption?.hasBucketKey,
      ownership: try await side.setting(
        GetBucketOwnershipControls(bucket: bucket), context) ?? nil,
      hasObjectLock: lock?.isEnabled ?? false, retention: lock?.defaultRetention,
      isPublicAccessBlocked: try await side.setting(
        GetPublicAccessBlock(bucket: bucket), context) ?? false,
      lifecycle: lifecycle ?? [])
  }

  /// A bucket of reports may be another account's, which need not show its settings.
  private func noteKey(ofReportsIn side: S3Side, _ context: StepContext) async throws {
    do {
      side.noteUnstated(try await encryption(of: side, context)?.key, of: side.bucket, context)
    } catch let error as AWSError where !error.isTransient {
      context.note(
        Finding(.note, "How \(side.bucket) encrypts was not looked up: \(error.reason)."))
    }
  }

  private func encryption(
    of side: S3Side, _ context: StepContext
  ) async throws -> BucketEncryption? {
    try await side.setting(GetBucketEncryption(bucket: side.bucket), context) ?? nil
  }

  private func check(_ settings: Settings, _ side: S3Side, _ context: StepContext) throws {
    if let region = settings.region, region != side.aws.region {
      throw elsewhere(side, "S3 says that it is in \(region)")
    }
    if settings.versioning != "Enabled", needsVersioning {
      throw Problem(
        "the bucket does not keep versions", on: side.name,
        because: "its versioning is \(settings.versioning ?? "off"), and replication needs it",
        fix: "Enable versioning on both buckets.")
    }
    side.noteUnstated(settings.encryptionKey, of: settings.bucket, context)
    if !settings.isPublicAccessBlocked {
      context.note(
        Finding(.warning, "Public access to bucket \(settings.bucket) is not wholly blocked."))
    }
  }

  private func compare(_ source: Settings, _ replica: Settings, _ context: StepContext) {
    let lifecycles = LifecycleComparison(
      source: source.lifecycle ?? [], replica: replica.lifecycle ?? [],
      now: context.time.now().wall + self.replica.aws.client.clockOffset,
      versionsMatter: comparesVersions)
    for finding in lifecycles.findings(source: source.bucket, replica: replica.bucket) {
      context.note(finding)
    }
    if source.hasObjectLock, !replica.hasObjectLock {
      context.note(
        Finding(
          .exception,
          "\(source.bucket) locks objects and \(replica.bucket) does not: locked objects are not "
            + "replicated."))
    }
    if source.encryption != replica.encryption {
      context.note(
        Finding(
          .note,
          "\(source.bucket) encrypts with \(source.encryption ?? "nothing by default") and "
            + "\(replica.bucket) with \(replica.encryption ?? "nothing by default")."))
    }
    if source.ownership != replica.ownership {
      context.note(
        Finding(
          .note,
          "Objects belong to \(source.ownership ?? "whoever wrote them") in \(source.bucket) and "
            + "to \(replica.ownership ?? "whoever wrote them") in \(replica.bucket)."))
    }
  }

  /// HEAD has no body: S3 says no more than the status (API Reference, "HeadBucket").
  private func unreachable(_ side: S3Side, _ error: AWSError) -> any Error {
    guard case .refused(let status, _, _) = error.cause, [403, 404].contains(status) else {
      return error
    }
    let region = side.aws.region
    return status == 404
      ? Problem(
        "the bucket is not there", on: side.name, because: "S3 answered 404",
        fix:
          "Correct its name or region in the plan. One that is to be filled has to be made first, with versioning on "
          + "and public access blocked: aws s3api create-bucket --bucket \(side.bucket) --region \(region)."
      )
      : Problem(
        "the bucket is closed to us", on: side.name,
        because:
          "S3 answered 403: it belongs to another account, or s3:ListBucket on it is not allowed",
        fix: "Correct its name in the plan, or allow what 'mosaic-dr permissions' prints.")
  }

  private func elsewhere(_ side: S3Side, _ reason: String) -> Problem {
    Problem(
      "the bucket is in another region than the plan says", on: side.name, because: reason,
      fix: "Correct the plan's regions or the bucket's name.")
  }
}
