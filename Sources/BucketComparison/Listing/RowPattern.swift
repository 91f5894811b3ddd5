import Glibc

/// What a row is expected to look like: as the one before it, but for the key, the time, the ETag and the
/// size.
///
/// All other bytes of a page's rows repeat, names of elements, owner and storage class among them. To
/// compare them with the last row's, eight at a time, is several times as fast as to read them. A row
/// that is not as expected, to the last byte, is left to ``ListingScanner``, from which the next pattern
/// is taken.
struct RowPattern {
  /// What stands before, between and behind the values of the row that the pattern was taken from.
  private let beforeKey: ObjectEntry.Place
  private let beforeModified: ObjectEntry.Place
  private let beforeETag: ObjectEntry.Place
  private let beforeSize: ObjectEntry.Place
  private let behindSize: ObjectEntry.Place
  /// How many bytes a key has, as a rule: many are as long as each other.
  private let keyCount: Int
  /// How many bytes a time has.
  private let modifiedCount: Int
  /// How many bytes an ETag has, as a rule.
  private let etagCount: Int
  /// How many bytes of quotes stand behind an ETag.
  private let quoteCount: Int
  /// How long before the end of a row its storage class begins, and how many bytes it has.
  private let storageClass: (distance: UInt32, count: UInt32)

  /// Takes the pattern from a row; nil when its values stand in another order, or there are more.
  ///
  /// - Parameters:
  ///   - row: the place of the whole row.
  ///   - size: the place of its size.
  init?(
    _ entry: ObjectEntry, row: Range<Int>, size: ObjectEntry.Place, base: UnsafeRawPointer
  ) {
    let (key, modified, etag) = (entry.key.range, entry.modified.range, entry.etag.range)
    guard entry.version.count == 0, !entry.isDeleteMarker, size.count > 0, etag.lowerBound > 0,
      row.lowerBound < key.lowerBound, key.upperBound < modified.lowerBound,
      modified.upperBound < etag.lowerBound, etag.upperBound < size.range.lowerBound,
      size.range.upperBound < row.upperBound,
      entry.storageClass.count == 0 || entry.storageClass.range.lowerBound > size.range.upperBound
    else { return nil }
    let between = { (from: Int, to: Int) in ObjectEntry.Place(from, to - from) }
    beforeKey = between(row.lowerBound, key.lowerBound)
    beforeModified = between(key.upperBound, modified.lowerBound)
    beforeETag = between(modified.upperBound, etag.lowerBound)
    beforeSize = between(etag.upperBound, size.range.lowerBound)
    behindSize = between(size.range.upperBound, row.upperBound)
    keyCount = key.count
    modifiedCount = modified.count
    etagCount = etag.count
    storageClass = (
      UInt32(truncatingIfNeeded: row.upperBound) &- entry.storageClass.start,
      entry.storageClass.count
    )
    guard
      let tag = memchr(base + etag.upperBound, 0x3C, size.range.lowerBound - etag.upperBound)
    else { return nil }
    quoteCount = UnsafeRawPointer(tag) - base - etag.upperBound
    // An ETag without quotes could not be told from one that has them.
    guard quoteCount > 0 else { return nil }
  }

  /// Reads the row at `start`, of which every byte is looked at; nil when it is not as expected.
  ///
  @inline(__always)
  func read(_ base: UnsafeRawPointer, from start: Int, count: Int) -> ObjectEntry? {
    var entry = ObjectEntry()
    guard let key = passing(beforeKey, base, start, count),
      let (keyEnd, isEscaped, modified) = passingKey(base, key, count),
      let etag = passing(beforeETag, base, modified &+ modifiedCount, count),
      WordScan.isUsual(base, modified, modified &+ modifiedCount),
      let (etagEnd, size) = passingETag(base, etag, count),
      let sizeEnd = passingSize(&entry, base, size, count),
      let next = passing(behindSize, base, sizeEnd, count)
    else { return nil }
    entry.key = ObjectEntry.Place(key, keyEnd &- key)
    entry.mayNeedDecoding = isEscaped
    entry.modified = ObjectEntry.Place(modified, modifiedCount)
    entry.etag = ObjectEntry.Place(etag, etagEnd &- etag)
    entry.end = UInt32(truncatingIfNeeded: next)
    if storageClass.count > 0 {
      entry.storageClass.start = entry.end &- storageClass.distance
      entry.storageClass.count = storageClass.count
    }
    return entry
  }

  /// Where the key at `key` ends, whether it may need decoding, and where what stands behind it up to the
  /// time ends.
  @inline(__always)
  private func passingKey(
    _ base: UnsafeRawPointer, _ key: Int, _ count: Int
  ) -> (keyEnd: Int, isEscaped: Bool, modified: Int)? {
    if let modified = passing(beforeModified, base, key &+ keyCount, count),
      WordScan.isUsual(base, key, key &+ keyCount)
    {
      return (key &+ keyCount, false, modified)
    }
    return passingOtherKey(base, key, count)
  }

  private func passingOtherKey(
    _ base: UnsafeRawPointer, _ key: Int, _ count: Int
  ) -> (keyEnd: Int, isEscaped: Bool, modified: Int)? {
    guard let (end, isEscaped) = WordScan.plainText(base, from: key, count: count), end > key,
      let modified = passing(beforeModified, base, end, count)
    else { return nil }
    return (end, isEscaped, modified)
  }

  /// Where the ETag at `etag` ends, and what stands behind it up to the size.
  @inline(__always)
  private func passingETag(
    _ base: UnsafeRawPointer, _ etag: Int, _ count: Int
  ) -> (etagEnd: Int, size: Int)? {
    if let size = passing(beforeSize, base, etag &+ etagCount, count),
      WordScan.isUsual(base, etag, etag &+ etagCount)
    {
      return (etag &+ etagCount, size)
    }
    return passingOtherETag(base, etag, count)
  }

  private func passingOtherETag(
    _ base: UnsafeRawPointer, _ etag: Int, _ count: Int
  ) -> (etagEnd: Int, size: Int)? {
    guard etag < count, let tag = memchr(base + etag, 0x3C, count - etag) else { return nil }
    let end = UnsafeRawPointer(tag) - base - quoteCount
    guard end >= etag, WordScan.inspect(base, etag, end) != nil,
      let size = passing(beforeSize, base, end, count)
    else { return nil }
    return (end, size)
  }

  /// Where the digits at `start` end, which are the row's size.
  @inline(__always)
  private func passingSize(
    _ entry: inout ObjectEntry, _ base: UnsafeRawPointer, _ start: Int, _ count: Int
  ) -> Int? {
    if let (value, digits) = WordScan.number(base, from: start, count: count) {
      entry.size = value
      return start &+ digits
    }
    return passingLongSize(&entry, base, start, count)
  }

  private func passingLongSize(
    _ entry: inout ObjectEntry, _ base: UnsafeRawPointer, _ start: Int, _ count: Int
  ) -> Int? {
    var end = start
    while end < count, end - start <= 18 {
      let digit = base.load(fromByteOffset: end, as: UInt8.self) &- 0x30
      guard digit < 10 else { break }
      entry.size = entry.size &* 10 &+ Int64(digit)
      end += 1
    }
    return (1...18).contains(end - start) ? end : nil
  }

  /// Where the same bytes as at `place` end, when they stand at `offset`.
  @inline(__always)
  private func passing(
    _ place: ObjectEntry.Place, _ base: UnsafeRawPointer, _ offset: Int, _ count: Int
  ) -> Int? {
    let length = Int(truncatingIfNeeded: place.count)
    guard length <= count &- offset,
      WordScan.isEqual(
        base + Int(truncatingIfNeeded: place.start), base + offset, count: length)
    else { return nil }
    return offset &+ length
  }
}
