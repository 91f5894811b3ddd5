public import AWSClient
import BucketComparison
public import Platform
public import RunEngine

/// Finds by their tags what drills have made in a region, and removes it.
public struct OrphanSearch: Sendable {
  /// More pages than this are not an account's resources but a mistake.
  private static let maximumPages = 1_000
  /// How many pages of versions are deleted before it is looked again whose bucket it is.
  private static let pagesAtOnce = 100
  private static let interval: Duration = .seconds(2)
  /// The bound on the wait until one of them is gone.
  private static let patience: Duration = .seconds(3_600)

  private let client: AWSClient
  private let region: String
  private let time: any TimeSource
  private let random: any RandomSource

  /// Prepares the search; nothing is called yet.
  public init(
    client: AWSClient, region: String, time: any TimeSource, random: any RandomSource
  ) {
    self.client = client
    self.region = region
    self.time = time
    self.random = random
  }

  /// The calls by which things are found and removed.
  public var calls: [PlannedCall] {
    let aws = AWSAccess(client: client, region: region)
    let bucket = S3Side(MakeScratchBucket.plannedName, client, region: region)
    return [
      aws.plan(ListDBInstances(from: nil)), aws.plan(DescribeDBClusters(from: nil)),
      aws.plan(DescribeDBSnapshots(manualFrom: nil)), aws.plan(taggedBuckets(from: nil)),
      aws.plan(DeleteDBInstance(identifier: "<instance>"), tags: .onResource),
      aws.plan(DeleteDBCluster(identifier: "<cluster>"), tags: .onResource),
      aws.plan(DeleteDBSnapshot(identifier: "<snapshot>"), tags: .onResource),
    ] + bucket.removalCalls
  }

  /// Everything with the tags of a drill, instances first: what holds another back goes before it.
  ///
  /// - Throws: `AWSError`.
  public func found() async throws -> [Orphan] {
    async let instances = collectPages(atMost: Self.maximumPages) { marker in
      let page = try await self.client.send(
        ListDBInstances(from: marker), region: self.region, log: nil)
      return (page.instances.compactMap(self.orphan), page.marker)
    }
    async let clusters = collectPages(atMost: Self.maximumPages) { marker in
      let page = try await self.client.send(
        DescribeDBClusters(from: marker), region: self.region, log: nil)
      return (page.clusters.compactMap(self.orphan), page.marker)
    }
    async let snapshots = collectPages(atMost: Self.maximumPages) { marker in
      let page = try await self.client.send(
        DescribeDBSnapshots(manualFrom: marker), region: self.region, log: nil)
      return (page.snapshots.compactMap(self.orphan), page.marker)
    }
    async let buckets = collectPages(atMost: Self.maximumPages) { marker in
      let page = try await self.client.send(
        self.taggedBuckets(from: marker), region: self.region, log: nil)
      return (page.buckets.compactMap(self.orphan), page.marker)
    }
    return try await instances + clusters + snapshots + buckets
  }

  /// Removes one and waits until it is gone.
  ///
  /// - Throws: `Problem` when it is no longer what was found, read again right before; `AWSError`.
  public func remove(_ orphan: Orphan) async throws {
    let end = time.now().sinceBoot + Self.patience.wholeNanoseconds
    var isAsked = false
    while let now = try await current(orphan) {
      guard now.identity == orphan.identity, now.run == orphan.run else {
        throw Problem(
          "something is no longer what was found", on: orphan.name,
          because: "it is \(now.identity) of run \(now.run) now; it was left alone",
          fix: "Search again.")
      }
      guard time.now().sinceBoot < end else {
        throw Problem(
          "something is not gone in time", on: orphan.name,
          because: "it is still there after \(Self.patience.readable)",
          fix: "Look at its events; search again later.")
      }
      if !isAsked { isAsked = try await askToDelete(orphan) }
      try await time.sleep(for: Self.interval)
    }
  }

  /// - Returns: false when it is at work on something and has to be asked again.
  private func askToDelete(_ orphan: Orphan) async throws -> Bool {
    do {
      switch orphan.kind {
      case .instance:
        _ = try await client.send(
          DeleteDBInstance(identifier: orphan.identifier), region: region, log: nil)
      case .cluster:
        _ = try await client.send(
          DeleteDBCluster(identifier: orphan.identifier), region: region, log: nil)
      case .snapshot:
        _ = try await client.send(
          DeleteDBSnapshot(identifier: orphan.identifier), region: region, log: nil)
      case .bucket: return try await empty(orphan.identifier)
      }
      return true
    } catch let error as AWSError
      where error.mayHaveTakenEffect || error.code?.hasPrefix("InvalidDB") == true
    {
      return false
    }
  }

  /// As it is now; nil when it is gone.
  private func current(_ orphan: Orphan) async throws -> Orphan? {
    do {
      switch orphan.kind {
      case .instance:
        return try await client.send(
          DescribeDBInstances(identifier: orphan.identifier), region: region, log: nil
        ).first.flatMap(self.orphan)
      case .cluster:
        return try await client.send(
          DescribeDBClusters(identifier: orphan.identifier), region: region, log: nil
        ).clusters.first.flatMap(self.orphan)
      case .snapshot:
        return try await client.send(
          DescribeDBSnapshots(snapshot: orphan.identifier), region: region, log: nil
        ).snapshots.first.flatMap(self.orphan)
      case .bucket:
        let tags = try await client.send(
          GetBucketTagging(bucket: orphan.identifier), region: region, log: nil)
        return self.orphan(.init(name: orphan.identifier, arn: orphan.identity, tags: tags))
      }
    } catch let error as AWSError where Self.isGone(error) {
      return nil
    }
  }

  private static func isGone(_ error: AWSError) -> Bool {
    error.code == "NoSuchBucket" || error.code?.contains("NotFound") == true
  }

  private func taggedBuckets(from marker: String?) -> GetTaggedBuckets {
    GetTaggedBuckets(tag: OwnershipTags.mode, value: Orphan.mode, from: marker)
  }

  /// - Returns: whether nothing was left in the bucket, so that it was deleted too.
  private func empty(_ bucket: String) async throws -> Bool {
    let removal = BucketRemoval(
      bucket: bucket,
      listing: BucketListing(
        bucket: bucket, region: region, client: client, http: client.http, time: time,
        random: random),
      deleteObject: { try await client.send($0, region: region, log: nil) },
      deleteBucket: { try await client.send($0, region: region, log: nil) })
    for _ in 0..<Self.pagesAtOnce {
      if try await removal.advance() == 0 { return true }
    }
    return false
  }

  private func orphan(_ bucket: GetTaggedBuckets.Bucket) -> Orphan? {
    Orphan(.bucket, bucket.name, identity: bucket.arn, region: region, tags: bucket.tags)
  }

  private func orphan(_ instance: DBInstance) -> Orphan? {
    Orphan(
      .instance, instance.identifier, identity: instance.resourceID, region: region,
      tags: instance.tags)
  }

  private func orphan(_ cluster: DBCluster) -> Orphan? {
    Orphan(
      .cluster, cluster.identifier, identity: cluster.resourceID, region: region,
      tags: cluster.tags)
  }

  private func orphan(_ snapshot: DBSnapshot) -> Orphan? {
    Orphan(
      .snapshot, snapshot.identifier, identity: snapshot.arn ?? snapshot.identifier,
      region: region, tags: snapshot.tags)
  }
}
