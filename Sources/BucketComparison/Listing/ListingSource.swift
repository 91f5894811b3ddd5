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

  /// The threads on which pages arrive: who reads them there wakes no other. Empty when there is none that
  /// is better than another.
  var executors: [any TaskExecutor] { get }

  /// Fetches a page.
  ///
  /// - Parameter foundNext: told where the next page begins as soon as it is known, which may be long
  ///   before the page is whole; it may be told more than once.
  /// - Throws: an `ExplainedError` when there is no page after all retries; `CancellationError`.
  nonisolated(nonsending) func page(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> ListingPage

  /// Fetches a page, to be read later.
  ///
  /// - Parameter foundNext: as of ``page(_:at:foundNext:)``.
  /// - Throws: as ``page(_:at:foundNext:)`` does.
  nonisolated(nonsending) func fetch(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> FetchedPage

  /// Takes a page back that nobody needs any more, so that its memory serves another.
  func reuse(_ page: consuming ListingPage)
}

extension ListingSource {
  /// Any will do unless a source says otherwise.
  public var executors: [any TaskExecutor] { [] }

  /// It is read at once unless a source says otherwise.
  public nonisolated(nonsending) func fetch(
    _ query: ListingQuery, at position: PagePosition,
    foundNext: @escaping @Sendable (PagePosition) -> Void
  ) async throws -> FetchedPage {
    FetchedPage(try await page(query, at: position, foundNext: foundNext), at: position)
  }

  /// Reads a page that was fetched. One that cannot be read was cut short: it is asked for again.
  ///
  /// - Parameter twin: the other bucket's page, if one is at hand.
  /// - Throws: as ``page(_:at:foundNext:)`` does.
  nonisolated(nonsending) func read(
    _ fetched: FetchedPage, of query: ListingQuery, beside twin: TwinPage? = nil
  ) async throws -> ListingPage {
    do {
      return try fetched.read(beside: twin)
    } catch {
      return try await page(query, at: fetched.position, foundNext: { _ in })
    }
  }

  /// Nothing is kept unless a source says otherwise.
  public func reuse(_ page: consuming ListingPage) {}
}
