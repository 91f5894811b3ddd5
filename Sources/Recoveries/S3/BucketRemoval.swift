import AWSClient
import BucketComparison
import Platform

/// Deletes a bucket with all that is in it: objects, and the older versions and delete markers that it
/// has when somebody has switched versioning on.
struct BucketRemoval {
  /// How many versions are deleted at the same time.
  static let width = 16

  let bucket: String
  let listing: any ListingSource
  let deleteObject: @Sendable (DeleteObject) async throws -> Void
  let deleteBucket: @Sendable (DeleteBucket) async throws -> Void

  /// Deletes a page of versions and delete markers, or the bucket when there are none left.
  ///
  /// Each is named with its version, for a deletion without one only puts a marker on top. Where versions
  /// were never kept it is `null`.
  ///
  /// - Returns: how many were deleted; 0 when it was the bucket.
  func advance() async throws -> Int {
    let page = try await listing.page(
      ListingQuery(prefix: [], includesVersions: true), at: .after(nil), foundNext: { _ in })
    let versions = page.records
    guard !versions.isEmpty else {
      try await deleteBucket(DeleteBucket(bucket: bucket))
      return 0
    }
    let (bucket, delete) = (bucket, deleteObject)
    _ = try await versions.concurrentMap(width: Self.width) { version in
      try await delete(
        DeleteObject(
          bucket: bucket, key: version.name,
          version: version.version.isEmpty ? nil : version.version))
    }
    return versions.count
  }
}
