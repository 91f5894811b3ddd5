import Platform
import Synchronization

@testable import BucketComparison

/// A bucket in memory whose pages come as S3 writes them, and are read by whoever needs them.
final class XMLBucket: ListingSource {
  private let bucket: StoredBucket
  /// Pages that come cut short the first time, by where they begin.
  private let cutShort: Mutex<Set<Int>>
  private let reads = Mutex(0)

  init(_ bucket: StoredBucket, cutShort: Set<Int> = []) {
    self.bucket = bucket
    self.cutShort = Mutex(cutShort)
  }

  var name: String { bucket.name }
  /// How many pages were asked for to be read at once.
  var pagesReadAtOnce: Int { reads.withLock { $0 } }

  func page(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> ListingPage {
    reads.withLock { $0 += 1 }
    return try await fetch(query, at: position, foundNext: foundNext).read()
  }

  func fetch(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> FetchedPage {
    let page = try await bucket.page(query, at: position, foundNext: foundNext)
    var bytes = Self.xml(page, name: name)
    let start = if case .token(let token) = position { Int(token) ?? 0 } else { 0 }
    if cutShort.withLock({ $0.remove(start) }) != nil { bytes.removeLast(bytes.count / 3) }
    return FetchedPage(bytes, room: ListingPage(), at: position)
  }

  /// A page as S3 writes it, its keys URL-encoded.
  static func xml(_ page: ListingPage, name: String) -> [UInt8] {
    var token = ""
    if case .token(let next) = page.next {
      token = "<NextContinuationToken>\(next)</NextContinuationToken>"
    }
    let rows = page.records.map(row).joined()
    return Array(
      ("<ListBucketResult><Name>\(name)</Name>\(token)<EncodingType>url</EncodingType>"
        + "<IsTruncated>\(token.isEmpty ? "false" : "true")</IsTruncated>\(rows)</ListBucketResult>")
        .utf8)
  }

  static func row(_ record: ObjectRecord) -> String {
    // S3 leaves the slashes of a key as they are.
    "<Contents><Key>\(KeyEncoding.encode(record.key).replacing("%2F", with: "/"))</Key>"
      + "<LastModified>\(record.modified?.description ?? "")</LastModified>"
      + "<ETag>&quot;\(record.etag)&quot;</ETag><Size>\(record.size)</Size>"
      + "<StorageClass>\(record.storageClass)</StorageClass></Contents>"
  }
}
