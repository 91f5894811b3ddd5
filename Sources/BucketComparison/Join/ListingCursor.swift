import Platform

/// Reads one side of a range row by row, and holds the service to the order it promises.
struct ListingCursor {
  private let source: any ListingSource
  private let chain: PageChain
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

  init(_ source: any ListingSource, _ query: ListingQuery, _ range: KeyRange) {
    self.source = source
    chain = PageChain(source, query, from: .after(range.after))
    self.range = range
    bucket = source.name
    allowsRepeatedKeys = query.includesVersions
    lastKey = range.after
    chain.prime()
  }

  /// Whether every row of the page was taken.
  var isExhausted: Bool { index >= page.entries.count }

  /// Reads on until there is a row, or the end.
  mutating func fill() async throws {
    while isExhausted, !isAtEnd {
      guard let next = try await chain.next() else {
        isAtEnd = true
        return
      }
      pages += 1
      try check(next)
      var used = next
      swap(&page, &used)
      source.reuse(used)
      index = 0
    }
  }

  func cancel() { chain.cancel() }

  /// A page out of order, or one that repeats: whatever would follow from it would be wrong.
  private mutating func check(_ page: ListingPage) throws(Problem) {
    var isInOrder = true
    page.bytes.withUnsafeBytes { bytes in
      var last = lastKey.map { Array($0) }
      var previous: ObjectEntry?
      for entry in page.entries {
        let key = UnsafeRawBufferPointer(rebasing: bytes[entry.key.range])
        let order: Int32
        if let previous {
          order = KeyOrder.compare(
            UnsafeRawBufferPointer(rebasing: bytes[previous.key.range]), key)
        } else if let known = last {
          order = known.withUnsafeBytes { KeyOrder.compare($0, key) }
          last = nil
        } else {
          order = -1
        }
        if order > 0 || (order == 0 && !allowsRepeatedKeys) { isInOrder = false }
        previous = entry
      }
    }
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
