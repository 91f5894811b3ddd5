import Platform

/// Reads one side of a range row by row, and holds the service to the order it promises.
struct ListingCursor {
  private let source: any ListingSource
  private let chain: PageChain
  private let query: ListingQuery
  private let range: KeyRange
  private let bucket: String
  private let allowsRepeatedKeys: Bool
  private var lastKey: [UInt8]?
  private(set) var page = ListingPage()
  var index = 0
  /// Whether there are no more pages.
  private(set) var isAtEnd = false
  /// How many pages were read.
  private(set) var pages = 0

  /// - Parameter executor: where pages are fetched; nil for anywhere.
  init(
    _ source: any ListingSource, _ query: ListingQuery, _ range: KeyRange,
    on executor: (any TaskExecutor)?
  ) {
    self.source = source
    chain = PageChain(source, query, from: .after(range.after), on: executor)
    self.query = query
    self.range = range
    bucket = source.name
    allowsRepeatedKeys = query.includesVersions
    lastKey = range.after
    chain.prime()
  }

  /// Whether every row of the page was taken.
  var isExhausted: Bool { index >= page.entries.count }

  /// The page at hand, for one of the other bucket to be read beside.
  var twin: TwinPage { TwinPage(page: page, index: index, number: pages) }

  /// Reads on until there is a row, or the end.
  ///
  /// - Parameter twin: the other bucket's page, if one is at hand.
  mutating nonisolated(nonsending) func fill(beside twin: TwinPage? = nil) async throws {
    while isExhausted, !isAtEnd {
      guard let fetched = try await chain.next() else {
        isAtEnd = true
        return
      }
      let next = try await source.read(fetched, of: query, beside: twin)
      pages += 1
      try check(next)
      var used = next
      swap(&page, &used)
      source.reuse(used)
      index = 0
    }
  }

  /// Fetches more pages ahead from now on.
  func goFurtherAhead() { chain.goFurtherAhead() }

  func cancel() { chain.cancel() }

  /// A page out of order, or one that repeats: whatever would follow from it would be wrong.
  private mutating func check(_ page: ListingPage) throws(Problem) {
    var isInOrder = true
    if let lastKey, let first = page.firstKey {
      isInOrder = KeyOrder.isLess(lastKey, first) || (allowsRepeatedKeys && lastKey == first)
    }
    isInOrder = isInOrder && page.isInOrder(allowingRepeatedKeys: allowsRepeatedKeys)
    guard isInOrder else {
      throw Problem(
        "the listing is not in order", on: "\(bucket), \(range.text)",
        because: "a page repeats keys or is not sorted by their bytes, as S3 promises",
        fix:
          "Compare by S3 Inventory; directory buckets and some compatible stores list in no order.")
    }
    if let key = page.lastKey { lastKey = key }
  }
}
