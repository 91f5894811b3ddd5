import Glibc

/// The order of keys: by their bytes, as S3 lists them.
enum KeyOrder {
  /// Less than, equal to or greater than zero, as `memcmp` says it.
  @inline(__always)
  static func compare(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
  ) -> Int32 {
    let count = min(left.count, right.count)
    if count > 0, let a = left.baseAddress, let b = right.baseAddress {
      let order = count < 8 ? memcmp(a, b, count) : compareWords(a, b, count)
      if order != 0 { return order }
    }
    return Int32(truncatingIfNeeded: left.count - right.count)
  }

  /// Compares two texts of one page, whose places were held against its end when it was read.
  @inline(__always)
  static func compare(
    _ left: ObjectEntry.Place, _ right: ObjectEntry.Place, of page: UnsafeRawBufferPointer
  ) -> Int32 {
    compare(text(left, of: page), text(right, of: page))
  }

  @inline(__always)
  private static func text(
    _ place: ObjectEntry.Place, of page: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: page.baseAddress.map { $0 + Int(place.start) }, count: Int(place.count))
  }

  /// As `memcmp` of at least eight bytes. Most keys differ soon, or are equal and short: to call the C
  /// library would cost more than to compare.
  @inline(__always)
  private static func compareWords(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
  ) -> Int32 {
    var index = 0
    while index &+ 8 < count {
      let (a, b) = (word(left, index), word(right, index))
      if a != b { return a < b ? -1 : 1 }
      index &+= 8
    }
    let (a, b) = (word(left, count &- 8), word(right, count &- 8))
    return a == b ? 0 : a < b ? -1 : 1
  }

  /// Eight bytes, the first of which counts most.
  @inline(__always)
  private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    base.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian
  }

  static func isLess(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { a in right.withUnsafeBytes { b in compare(a, b) < 0 } }
  }

  static func commonPrefix(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    Array(zip(left, right).prefix { $0 == $1 }.map(\.0))
  }
}
