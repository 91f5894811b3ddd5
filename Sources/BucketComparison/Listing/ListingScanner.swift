import Glibc

/// Reads a page in the plain form that S3 writes: elements without attributes, comments or entities.
///
/// It is several times as fast as an XML parser. Whatever is not in that form, to the last byte, it
/// leaves to libxml2: it never judges a page to be wrong. Every access is checked against the end.
struct ListingScanner {
  private let base: UnsafeMutableRawPointer
  private let count: Int
  private var position = 0
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
    self.base = base
    self.count = count
    page.entries.reserveCapacity(1_000)
  }

  private mutating func document() -> Bool {
    if isAt("<?xml ") { guard takeDeclaration() else { return false } }
    skipSpace()
    let isVersions = isAt("<ListVersionsResult")
    guard isVersions ? take("<ListVersionsResult") : take("<ListBucketResult") else { return false }
    guard skip(past: ">"), base.load(fromByteOffset: position - 2, as: UInt8.self) != 0x2F else {
      return false
    }
    while true {
      skipSpace()
      guard isPlainSoFar() else { return false }
      if takeTwins() { continue }
      if let pattern, takeRows(as: pattern) { continue }
      let start = position
      if take("<Contents>") {
        guard entry(closing: "</Contents>", isDeleteMarker: false) else { return false }
        pattern = page.entries.last.flatMap {
          RowPattern($0, row: start..<position, size: sizePlace, base: base)
        }
        passTwin()
      } else if take("<Version>") {
        guard entry(closing: "</Version>", isDeleteMarker: false) else { return false }
      } else if take("<DeleteMarker>") {
        guard entry(closing: "</DeleteMarker>", isDeleteMarker: true) else { return false }
      } else if take(isVersions ? "</ListVersionsResult>" : "</ListBucketResult>") {
        skipSpace()
        return isPlainSoFar() && position == count
      } else if take("<CommonPrefixes><Prefix>") {
        guard let place = leaf("</Prefix>"), take("</CommonPrefixes>"),
          let bytes = plain(place)
        else { return false }
        page.commonPrefixes.append(bytes)
      } else {
        guard field() else { return false }
      }
    }
  }

  /// Takes the XML declaration as services write it. In another encoding bytes may mean anything.
  private mutating func takeDeclaration() -> Bool {
    take(#"<?xml version="1.0" encoding="UTF-8"?>"#) || take(#"<?xml version="1.0"?>"#)
      || take("<?xml version='1.0' encoding='utf-8'?>")
  }

  /// Takes rows as long as they are the other bucket's; false when not even the first is.
  private mutating func takeTwins() -> Bool {
    guard let end = twins?.take(from: position, of: base, count: count, into: &page.entries),
      end > position
    else { return false }
    position = end
    checkedEnd = end
    return true
  }

  /// Says that a row was read that is not the other bucket's.
  private mutating func passTwin() {
    guard twins?.isOfUse == true, let key = page.entries.last?.key else { return }
    twins?.pass(UnsafeRawBufferPointer(start: base + Int(key.start), count: Int(key.count)))
  }

  /// Takes rows as long as they are as expected; false when not even the first is.
  private mutating func takeRows(as pattern: RowPattern) -> Bool {
    let start = position
    // After each row the next may be the other bucket's again.
    let isAlone = twins?.isOfUse != true
    while let row = pattern.read(base, from: position, count: count) {
      page.entries.append(row)
      position = Int(truncatingIfNeeded: row.end)
      guard isAlone else {
        passTwin()
        break
      }
    }
    checkedEnd = max(checkedEnd, position)
    return position > start
  }

  /// XML reads a carriage return as a line end: that is no plain form. In a row that is as expected there
  /// is none.
  @inline(__always)
  private mutating func isPlainSoFar() -> Bool {
    guard position > checkedEnd else { return true }
    defer { checkedEnd = position }
    return memchr(base + checkedEnd, 0x0D, position - checkedEnd) == nil
  }

  private mutating func entry(closing close: StaticString, isDeleteMarker: Bool) -> Bool {
    var entry = ObjectEntry()
    entry.isDeleteMarker = isDeleteMarker
    while true {
      skipSpace()
      // The first letter of an element says which one it can be: comparing names is what costs.
      guard position + 1 < count else { return false }
      switch base.load(fromByteOffset: position + 1, as: UInt8.self) {
      case 0x4B:  // K
        guard take("<Key>"), let place = leaf("</Key>"), place.count > 0,
          let mayNeedDecoding = inspect(place)
        else { return false }
        entry.key = place
        entry.mayNeedDecoding = mayNeedDecoding
      case 0x4C:  // L
        guard take("<LastModified>"), let place = plainLeaf("</LastModified>") else { return false }
        entry.modified = place
      case 0x45:  // E
        guard take("<ETag>"), let place = leaf("</ETag>"), let bare = unquoted(place) else {
          return false
        }
        entry.etag = bare
      case 0x53:  // S
        if take("<Size>") {
          guard let place = leaf("</Size>"), let size = number(place) else { return false }
          entry.size = size
          sizePlace = place
        } else {
          guard take("<StorageClass>"), let place = plainLeaf("</StorageClass>") else {
            return false
          }
          entry.storageClass = place
        }
      case 0x2F:  // The end.
        guard take(close), entry.key.count > 0 else { return false }
        entry.end = UInt32(truncatingIfNeeded: position)
        page.entries.append(entry)
        return true
      default: guard rare(&entry) else { return false }
      }
    }
  }

  /// What stands in the rows of some listings.
  private mutating func rare(_ entry: inout ObjectEntry) -> Bool {
    if take("<VersionId>") {
      guard let place = plainLeaf("</VersionId>") else { return false }
      entry.version = place
      return true
    }
    if take("<IsLatest>") {
      entry.isLatest = isAt("true<")
      return (take("true") || take("false")) && take("</IsLatest>")
    }
    if take("<Owner>") { return skip(past: "</Owner>") }
    if take("<ChecksumAlgorithm>") { return leaf("</ChecksumAlgorithm>") != nil }
    if take("<ChecksumType>") { return leaf("</ChecksumType>") != nil }
    return take("<RestoreStatus>") && skip(past: "</RestoreStatus>")
  }

  /// Any other element of the result: `<Name>value</Name>` or `<Name/>`.
  private mutating func field() -> Bool {
    guard take("<"), let close = find(0x3E, from: position) else { return false }
    let name = UnsafeRawBufferPointer(start: base + position, count: close - position)
    position = close + 1
    guard
      name.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2F })
    else { return false }
    if name.last == 0x2F { return true }
    guard let end = find(0x3C, from: position) else { return false }
    let value = ObjectEntry.Place(position, end - position)
    guard inspect(value) != nil else { return false }
    position = end
    guard take("</"), let start = name.baseAddress, name.count <= count - position,
      memcmp(base + position, start, name.count) == 0
    else { return false }
    position += name.count
    guard take(">") else { return false }
    fields.set(
      name, UnsafeRawBufferPointer(start: base + Int(value.start), count: Int(value.count)))
    return true
  }

  /// The text up to the closing tag, which is taken.
  @inline(__always)
  private mutating func leaf(_ close: StaticString) -> ObjectEntry.Place? {
    guard let end = find(0x3C, from: position) else { return nil }
    let place = ObjectEntry.Place(position, end - position)
    position = end
    return take(close) ? place : nil
  }

  /// As ``leaf(_:)``, when the text is plain.
  private mutating func plainLeaf(_ close: StaticString) -> ObjectEntry.Place? {
    leaf(close).flatMap { inspect($0) == nil ? nil : $0 }
  }

  /// Whether a key may need decoding; nil when it is not plain.
  @inline(__always)
  private func inspect(_ place: ObjectEntry.Place) -> Bool? {
    WordScan.inspect(base, place.range.lowerBound, place.range.upperBound)
  }

  private func plain(_ place: ObjectEntry.Place) -> [UInt8]? {
    inspect(place) == nil ? nil : bytes(place.range.lowerBound, place.range.upperBound)
  }

  /// Without the quotes around it, which are written `&quot;` or as they are.
  @inline(__always)
  private func unquoted(_ place: ObjectEntry.Place) -> ObjectEntry.Place? {
    let start = place.range.lowerBound
    let end = place.range.upperBound
    var bare = place
    if place.count >= 12, matches("&quot;", at: start), matches("&quot;", at: end - 6) {
      bare = ObjectEntry.Place(start + 6, end - start - 12)
    } else if place.count >= 2, matches("\"", at: start), matches("\"", at: end - 1) {
      bare = ObjectEntry.Place(start + 1, end - start - 2)
    }
    return inspect(bare) == nil ? nil : bare
  }

  @inline(__always)
  private func number(_ place: ObjectEntry.Place) -> Int64? {
    guard (1...18).contains(place.count) else { return nil }
    var value: Int64 = 0
    for index in place.range {
      let digit = base.load(fromByteOffset: index, as: UInt8.self) &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int64(digit)
    }
    return value
  }

  @inline(__always)
  private func matches(_ text: StaticString, at offset: Int) -> Bool {
    offset + text.utf8CodeUnitCount <= count
      && memcmp(base + offset, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  @inline(__always)
  private func isAt(_ text: StaticString) -> Bool { matches(text, at: position) }

  @inline(__always)
  private mutating func take(_ text: StaticString) -> Bool {
    guard matches(text, at: position) else { return false }
    position += text.utf8CodeUnitCount
    return true
  }

  private mutating func skip(past text: StaticString) -> Bool {
    while let candidate = find(text.utf8Start[0], from: position) {
      position = candidate
      if take(text) { return true }
      position += 1
    }
    return false
  }

  @inline(__always)
  private mutating func skipSpace() {
    while position < count {
      switch base.load(fromByteOffset: position, as: UInt8.self) {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  @inline(__always)
  private func find(_ byte: UInt8, from offset: Int) -> Int? {
    guard offset < count, let found = memchr(base + offset, Int32(byte), count - offset) else {
      return nil
    }
    return found - base
  }

  private func bytes(_ start: Int, _ end: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: base + start, count: end - start))
  }
}
