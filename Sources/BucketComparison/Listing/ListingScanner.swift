import Glibc

/// Reads a page in the plain form that S3 writes: elements without attributes, comments or entities.
///
/// It is several times as fast as an XML parser. Whatever is not in that form, to the last byte, it
/// leaves to libxml2: it never judges a page to be wrong.
struct ListingScanner {
  private var text: PageText
  /// Up to here there is no carriage return.
  private var checkedEnd = 0
  private var page: ListingPage
  private var fields = ListingFields()
  private var pattern: RowPattern?
  /// Where the size of the row stands that was read last.
  private var sizePlace = ObjectEntry.Place()
  /// The other bucket's rows, as long as they are of use.
  private var twins: TwinRows?

  /// - Parameters:
  ///   - room: an empty page, whose memory is used.
  ///   - twin: the other bucket's page, if one is at hand.
  /// - Returns: nil when the page is not in the plain form; `bytes` are then as they were.
  static func scan(
    _ bytes: inout [UInt8], into room: consuming ListingPage = ListingPage(),
    beside twin: TwinPage? = nil
  ) -> ListingPage? {
    var room = room
    guard let twin else { return scan(&bytes, into: &room, against: nil) }
    room.twin = twin.number
    return twin.page.bytes.withUnsafeBytes { other in
      twin.page.entries.withUnsafeBufferPointer { rows in
        scan(
          &bytes, into: &room,
          against: other.baseAddress.map { TwinRows(base: $0, rows: rows, from: twin.index) })
      }
    }
  }

  private static func scan(
    _ bytes: inout [UInt8], into room: inout ListingPage, against twins: TwinRows?
  ) -> ListingPage? {
    let scanned = bytes.withUnsafeMutableBytes { buffer -> (ListingPage, ListingFields)? in
      guard let base = buffer.baseAddress else { return nil }
      var page = ListingPage()
      swap(&page, &room)
      var scanner = ListingScanner(base: base, count: buffer.count, page)
      scanner.twins = twins
      guard scanner.document() else { return nil }
      scanner.page.twins = scanner.twins?.runs ?? []
      return (scanner.page, scanner.fields)
    }
    guard let (found, fields) = scanned else { return nil }
    var page = found
    swap(&page.bytes, &bytes)
    guard fields.complete(&page) else {
      swap(&page.bytes, &bytes)
      return nil
    }
    return page
  }

  private init(base: UnsafeMutableRawPointer, count: Int, _ room: consuming ListingPage) {
    page = room
    text = PageText(base: base, count: count)
    page.entries.reserveCapacity(1_000)
  }

  private mutating func document() -> Bool {
    if text.isAt("<?xml ") { guard takeDeclaration() else { return false } }
    text.skipSpace()
    let isVersions = text.isAt("<ListVersionsResult")
    guard isVersions ? text.take("<ListVersionsResult") : text.take("<ListBucketResult") else {
      return false
    }
    guard text.skip(past: ">"),
      text.base.load(fromByteOffset: text.position - 2, as: UInt8.self) != 0x2F
    else {
      return false
    }
    while true {
      text.skipSpace()
      guard isPlainSoFar() else { return false }
      if takeTwins() { continue }
      if let pattern, takeRows(as: pattern) { continue }
      let start = text.position
      if text.take("<Contents>") {
        guard entry(closing: "</Contents>", isDeleteMarker: false) else { return false }
        pattern = page.entries.last.flatMap {
          RowPattern($0, row: start..<text.position, size: sizePlace, base: text.base)
        }
        passTwin()
      } else if text.take("<Version>") {
        guard entry(closing: "</Version>", isDeleteMarker: false) else { return false }
      } else if text.take("<DeleteMarker>") {
        guard entry(closing: "</DeleteMarker>", isDeleteMarker: true) else { return false }
      } else if text.take(isVersions ? "</ListVersionsResult>" : "</ListBucketResult>") {
        text.skipSpace()
        return isPlainSoFar() && text.position == text.count
      } else if text.take("<CommonPrefixes><Prefix>") {
        guard let place = text.leaf("</Prefix>"), text.take("</CommonPrefixes>"),
          let bytes = text.plain(place)
        else { return false }
        page.commonPrefixes.append(bytes)
      } else {
        guard field() else { return false }
      }
    }
  }

  /// Takes the XML declaration as services write it. In another encoding bytes may mean anything.
  private mutating func takeDeclaration() -> Bool {
    text.take(#"<?xml version="1.0" encoding="UTF-8"?>"#) || text.take(#"<?xml version="1.0"?>"#)
      || text.take("<?xml version='1.0' encoding='utf-8'?>")
  }

  /// Takes rows as long as they are the other bucket's; false when not even the first is.
  private mutating func takeTwins() -> Bool {
    guard
      let end = twins?.take(
        from: text.position, of: text.base, count: text.count, into: &page.entries),
      end > text.position
    else { return false }
    text.position = end
    checkedEnd = end
    return true
  }

  /// Says that a row was read that is not the other bucket's.
  private mutating func passTwin() {
    guard twins?.isOfUse == true, let key = page.entries.last?.key else { return }
    twins?.pass(UnsafeRawBufferPointer(start: text.base + Int(key.start), count: Int(key.count)))
  }

  /// Takes rows as long as they are as expected; false when not even the first is.
  private mutating func takeRows(as pattern: RowPattern) -> Bool {
    let start = text.position
    // After each row the next may be the other bucket's again.
    let isAlone = twins?.isOfUse != true
    while let row = pattern.read(text.base, from: text.position, count: text.count) {
      page.entries.append(row)
      text.position = Int(truncatingIfNeeded: row.end)
      guard isAlone else {
        passTwin()
        break
      }
    }
    checkedEnd = max(checkedEnd, text.position)
    return text.position > start
  }

  /// XML reads a carriage return as a line end: that is no plain form. In a row that is as expected there
  /// is none.
  @inline(__always)
  private mutating func isPlainSoFar() -> Bool {
    guard text.position > checkedEnd else { return true }
    defer { checkedEnd = text.position }
    return memchr(text.base + checkedEnd, 0x0D, text.position - checkedEnd) == nil
  }

  private mutating func entry(closing close: StaticString, isDeleteMarker: Bool) -> Bool {
    var entry = ObjectEntry()
    entry.isDeleteMarker = isDeleteMarker
    while true {
      text.skipSpace()
      // The first letter of an element says which one it can be: comparing names is what costs.
      guard text.position + 1 < text.count else { return false }
      switch text.base.load(fromByteOffset: text.position + 1, as: UInt8.self) {
      case 0x4B:  // K
        guard text.take("<Key>"), let place = text.leaf("</Key>"), place.count > 0,
          let mayNeedDecoding = text.inspect(place)
        else { return false }
        entry.key = place
        entry.mayNeedDecoding = mayNeedDecoding
      case 0x4C:  // L
        guard text.take("<LastModified>"), let place = text.plainLeaf("</LastModified>") else {
          return false
        }
        entry.modified = place
      case 0x45:  // E
        guard text.take("<ETag>"), let place = text.leaf("</ETag>"), let bare = text.unquoted(place)
        else {
          return false
        }
        entry.etag = bare
      case 0x53:  // S
        if text.take("<Size>") {
          guard let place = text.leaf("</Size>"), let size = text.number(place) else {
            return false
          }
          entry.size = size
          sizePlace = place
        } else {
          guard text.take("<StorageClass>"), let place = text.plainLeaf("</StorageClass>") else {
            return false
          }
          entry.storageClass = place
        }
      case 0x2F:  // The end.
        guard text.take(close), entry.key.count > 0 else { return false }
        entry.end = UInt32(truncatingIfNeeded: text.position)
        page.entries.append(entry)
        return true
      default: guard rare(&entry) else { return false }
      }
    }
  }

  /// What stands in the rows of some listings.
  private mutating func rare(_ entry: inout ObjectEntry) -> Bool {
    if text.take("<VersionId>") {
      guard let place = text.plainLeaf("</VersionId>") else { return false }
      entry.version = place
      return true
    }
    if text.take("<IsLatest>") {
      entry.isLatest = text.isAt("true<")
      return (text.take("true") || text.take("false")) && text.take("</IsLatest>")
    }
    if text.take("<Owner>") { return text.skip(past: "</Owner>") }
    if text.take("<ChecksumAlgorithm>") { return text.leaf("</ChecksumAlgorithm>") != nil }
    if text.take("<ChecksumType>") { return text.leaf("</ChecksumType>") != nil }
    return text.take("<RestoreStatus>") && text.skip(past: "</RestoreStatus>")
  }

  /// Any other element of the result: `<Name>value</Name>` or `<Name/>`.
  private mutating func field() -> Bool {
    guard text.take("<"), let close = text.find(0x3E, from: text.position) else { return false }
    let name = UnsafeRawBufferPointer(
      start: text.base + text.position, count: close - text.position)
    text.position = close + 1
    guard
      name.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2F })
    else { return false }
    if name.last == 0x2F { return true }
    guard let end = text.find(0x3C, from: text.position) else { return false }
    let value = ObjectEntry.Place(text.position, end - text.position)
    guard text.inspect(value) != nil else { return false }
    text.position = end
    guard text.take("</"), let start = name.baseAddress, name.count <= text.count - text.position,
      memcmp(text.base + text.position, start, name.count) == 0
    else { return false }
    text.position += name.count
    guard text.take(">") else { return false }
    fields.set(
      name, UnsafeRawBufferPointer(start: text.base + Int(value.start), count: Int(value.count)))
    return true
  }
}
