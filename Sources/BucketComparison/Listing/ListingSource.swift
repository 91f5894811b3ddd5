/// What is listed of a bucket.
public struct ListingQuery: Sendable, Equatable {
  /// The largest page that S3 gives.
  public static let fullPage = 1_000

  /// Only keys that begin with it.
  public var prefix: [UInt8]
  /// Whether every version and delete marker is listed, or only what a reader sees.
  public var includesVersions: Bool
  /// How many rows a page has at most.
  public var limit: Int
  /// What ends the prefixes that stand for all keys beneath them; nil for every key by itself.
  public var delimiter: String?

  /// Creates a query.
  public init(prefix: [UInt8], includesVersions: Bool = false, limit: Int = Self.fullPage) {
    self.prefix = prefix
    self.includesVersions = includesVersions
    self.limit = limit
  }
}

/// A bucket that can be listed in the order of its keys.
public protocol ListingSource: Sendable {
  /// The bucket, for people.
  var name: String { get }

  /// Fetches a page.
  ///
  /// - Parameter foundNext: told where the next page begins as soon as it is known, which may be long
  ///   before the page is whole; it may be told more than once.
  /// - Throws: an `ExplainedError` when there is no page after all retries; `CancellationError`.
  func page(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> ListingPage

  /// Takes a page back that nobody needs any more, so that its memory serves another.
  func reuse(_ page: consuming ListingPage)
}

extension ListingSource {
  /// Nothing is kept unless a source says otherwise.
  public func reuse(_ page: consuming ListingPage) {}
}
