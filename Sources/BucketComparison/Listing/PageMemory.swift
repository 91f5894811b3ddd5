import Synchronization

/// Memory of pages that were read, for pages to come: to get it anew from the system would cost more
/// than to fill it.
final class PageMemory: Sendable {
  /// Room for a usual page, so that it is not moved while it grows.
  private static let usualSize = 384 << 10
  /// How many are kept at most.
  private static let maximumKept = 16

  private let kept = Mutex([[UInt8]]())

  /// Empty, with room for a page.
  func take() -> [UInt8] {
    if let bytes = kept.withLock({ $0.popLast() }) { return bytes }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.usualSize)
    return bytes
  }

  func give(_ page: consuming ListingPage) {
    var bytes: [UInt8] = []
    swap(&bytes, &page.bytes)
    // An unusually large page is let go.
    guard bytes.capacity <= 2 * Self.usualSize else { return }
    bytes.removeAll(keepingCapacity: true)
    kept.withLock { if $0.count < Self.maximumKept { $0.append(bytes) } }
  }
}
