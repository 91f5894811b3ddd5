import Synchronization

/// Memory of pages that were read, for pages to come: to get it anew from the system would cost more
/// than to fill it.
final class PageMemory: Sendable {
  /// Room for a usual page, so that it is not moved while it grows.
  private static let usualSize = 384 << 10
  /// As many as a page has at most.
  private static let usualRows = 1_000
  /// How many are kept at most.
  private static let maximumKept = 16

  private let kept = Mutex([ListingPage]())

  /// Empty, with room for a page.
  func take() -> ListingPage {
    if let page = kept.withLock({ $0.popLast() }) { return page }
    var page = ListingPage()
    page.bytes.reserveCapacity(Self.usualSize)
    page.entries.reserveCapacity(Self.usualRows)
    return page
  }

  func give(_ page: consuming ListingPage) {
    // An unusually large page is let go.
    guard page.bytes.capacity <= 2 * Self.usualSize, page.entries.capacity <= 2 * Self.usualRows
    else { return }
    page.empty()
    let emptied = page
    kept.withLock { if $0.count < Self.maximumKept { $0.append(emptied) } }
  }
}
