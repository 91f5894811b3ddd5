import Glibc

/// What a row is expected to look like: as the one before it, but for the key, the time, the ETag and the
/// size.
///
/// All other bytes of a page's rows repeat, names of elements, owner and storage class among them. To
/// compare them with the last row's is several times as fast as to read them. A row that is not as
/// expected, to the last byte, is left to ``ListingScanner``, from which the next pattern is taken.
struct RowPattern {
  /// What stands before, between and behind the values of the row that the pattern was taken from.
  private let beforeKey: ObjectEntry.Place
  private let beforeModified: ObjectEntry.Place
  private let beforeETag: ObjectEntry.Place
  private let beforeSize: ObjectEntry.Place
  private let behindSize: ObjectEntry.Place
  /// How many bytes a time has.
  private let modifiedCount: Int
  /// How many bytes of quotes stand behind an ETag.
  private let quoteCount: Int
  private let storageClass: ObjectEntry.Place

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
    modifiedCount = modified.count
    storageClass = entry.storageClass
    guard
      let tag = memchr(base + etag.upperBound, 0x3C, size.range.lowerBound - etag.upperBound)
    else { return nil }
    quoteCount = UnsafeRawPointer(tag) - base - etag.upperBound
    // An ETag without quotes could not be told from one that has them.
    guard quoteCount > 0 else { return nil }
  }

  /// Reads the row at `start`, of which every byte is looked at; nil when it is not as expected.
  ///
  /// - Returns: the row and where it ends.
  @inline(__always)
  func read(
    _ base: UnsafeRawPointer, from start: Int, count: Int
  ) -> (entry: ObjectEntry, end: Int)? {
    var entry = ObjectEntry()
    guard let key = passing(beforeKey, base, start, count),
      let keyEnd = Self.tag(base, key, count), keyEnd > key,
      let isEscaped = Self.inspect(base, key, keyEnd),
      let modified = passing(beforeModified, base, keyEnd, count),
      Self.tag(base, modified, count) == modified + modifiedCount,
      let etag = passing(beforeETag, base, modified + modifiedCount, count),
      let close = Self.tag(base, etag, count), close - quoteCount >= etag,
      let size = passing(beforeSize, base, close - quoteCount, count)
    else { return nil }
    var end = size
    while end < count {
      let digit = base.load(fromByteOffset: end, as: UInt8.self) &- 0x30
      guard digit < 10 else { break }
      entry.size = entry.size &* 10 &+ Int64(digit)
      end += 1
    }
    guard (1...18).contains(end - size), let next = passing(behindSize, base, end, count) else {
      return nil
    }
    entry.key = ObjectEntry.Place(key, keyEnd - key)
    entry.mayNeedDecoding = isEscaped
    entry.modified = ObjectEntry.Place(modified, modifiedCount)
    entry.etag = ObjectEntry.Place(etag, close - quoteCount - etag)
    entry.storageClass = storageClass
    return (entry, next)
  }

  /// Where the same bytes as at `place` end, when they stand at `offset`.
  @inline(__always)
  private func passing(
    _ place: ObjectEntry.Place, _ base: UnsafeRawPointer, _ offset: Int, _ count: Int
  ) -> Int? {
    let length = Int(place.count)
    guard length <= count - offset, memcmp(base + Int(place.start), base + offset, length) == 0
    else { return nil }
    return offset + length
  }

  /// Where the next element begins.
  @inline(__always)
  private static func tag(_ base: UnsafeRawPointer, _ offset: Int, _ count: Int) -> Int? {
    guard let found = memchr(base + offset, 0x3C, count - offset) else { return nil }
    return UnsafeRawPointer(found) - base
  }

  /// Whether a key may need decoding; nil when it is not plain: printable ASCII without an ampersand.
  @inline(__always)
  static func inspect(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool? {
    var escapes: UInt64 = 0
    var index = start
    while index < end {
      // What is missing of the last eight bytes is filled up with what is plain.
      var word: UInt64 = 0x3030_3030_3030_3030
      if index + 8 <= end {
        word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      } else {
        for rest in index..<end {
          word = word << 8 | UInt64(base.load(fromByteOffset: rest, as: UInt8.self))
        }
      }
      let isBelowSpace = (word &- every(0x20)) & ~word
      let isAboveTilde = (word &+ every(0x01)) | word
      guard (isBelowSpace | isAboveTilde | zero(word ^ every(0x26))) & every(0x80) == 0 else {
        return nil
      }
      escapes |= zero(word ^ every(0x25)) | zero(word ^ every(0x2B))
      index += 8
    }
    return escapes & every(0x80) != 0
  }

  /// The byte eight times.
  @inline(__always)
  private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

  /// The highest bit of a byte is set when a byte of the word is zero (Warren, "Hacker's Delight", 6-1).
  @inline(__always)
  private static func zero(_ word: UInt64) -> UInt64 { (word &- every(0x01)) & ~word }
}
