/// One row of a listing. Texts are places in the bytes of the page it belongs to, so that a million
/// rows cost no allocation each.
public struct ObjectEntry: Sendable, Equatable {
  /// A place in a page's bytes.
  struct Place: Sendable, Equatable {
    var start: UInt32 = 0
    var count: UInt32 = 0

    init() {}

    init(_ start: Int, _ count: Int) {
      self.start = UInt32(truncatingIfNeeded: start)
      self.count = UInt32(truncatingIfNeeded: count)
    }

    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  }

  /// The key, decoded.
  var key = Place()
  /// The ETag without its quotes.
  var etag = Place()
  /// When it was last changed, as the service writes it.
  var modified = Place()
  /// The version; empty in a listing without versions.
  var version = Place()
  /// The storage class; empty when the service gives none.
  var storageClass = Place()
  /// The size in bytes; 0 for a delete marker.
  var size: Int64 = 0
  /// Whether it marks a deletion.
  var isDeleteMarker = false
  /// Whether it is the newest version of its key.
  var isLatest = true
  /// What an inventory report says of it beside.
  var told = ReportedState()
  /// Whether the key, as it came, may hold escapes of `encoding-type=url`.
  var mayNeedDecoding = false
  /// Where the row ends in the page as it came; 0 when nothing is known of it.
  var end: UInt32 = 0
}
