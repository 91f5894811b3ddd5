import AWSClient
import BucketComparison
import Platform

/// Deletes a bucket that keeps no versions, with what is in it.
struct BucketRemoval {
  /// How many objects are deleted at the same time.
  static let width = 16

  let listing: BucketListing
  let deleteObject: @Sendable (DeleteObject) async throws -> Void
  let deleteBucket: @Sendable (DeleteBucket) async throws -> Void

  /// Deletes a page of the objects, or the bucket when there are none left.
  ///
  /// - Returns: how many objects were deleted; 0 when it was the bucket.
  func advance() async throws -> Int {
    let page = try await listing.page(
      ListingQuery(prefix: []), at: .after(nil), foundNext: { _ in })
    guard !page.names.isEmpty else {
      try await deleteBucket(DeleteBucket(bucket: listing.bucket))
      return 0
    }
    let (bucket, delete) = (listing.bucket, deleteObject)
    _ = try await page.names.concurrentMap(width: Self.width) { key in
      try await delete(DeleteObject(bucket: bucket, key: key))
    }
    return page.names.count
  }
}
