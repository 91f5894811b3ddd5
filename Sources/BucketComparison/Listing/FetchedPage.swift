import Platform
import Synchronization

/// A page of a listing as it came from the service: it is read by whoever needs it, who may know a page that
/// it is like.
public final class FetchedPage: Sendable {
  private enum Content {
    case bytes([UInt8], room: ListingPage)
    case page(ListingPage)
    case taken
  }

  /// Where it begins.
  let position: PagePosition
  private let content: Mutex<Content>

  /// A page that has been read.
  init(_ page: consuming ListingPage, at position: PagePosition) {
    self.position = position
    content = Mutex(.page(page))
  }

  /// A page that has not been read.
  ///
  /// - Parameter room: an empty page, whose memory is used.
  init(_ bytes: consuming [UInt8], room: consuming ListingPage, at position: PagePosition) {
    self.position = position
    content = Mutex(.bytes(bytes, room: room))
  }

  /// Reads it, once.
  ///
  /// - Parameter twin: the other bucket's page, if one is at hand.
  /// - Throws: `Problem` when its bytes are no whole listing.
  func read(beside twin: TwinPage? = nil) throws(Problem) -> ListingPage {
    // Taken out, so that its memory belongs to the reader alone.
    let taken = content.withLock { content in
      var taken = Content.taken
      swap(&taken, &content)
      return taken
    }
    switch consume taken {
    case .bytes(let bytes, let room):
      return try ListingParser.read(bytes, into: room, beside: twin)
    case .page(let page): return page
    case .taken: return ListingPage()
    }
  }
}
