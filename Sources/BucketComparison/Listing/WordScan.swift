import Glibc

/// Looks at bytes eight at a time, without a branch for each (Warren, "Hacker's Delight", chapter 6).
///
/// Most of what is scanned here is short: to call the C library for it would cost more than the scan.
enum WordScan {
  /// Whether the same bytes stand at both places.
  @inline(__always)
  static func isEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
    guard count >= 16 else { return isEqualShort(left, right, count) }
    guard count <= 32 else { return memcmp(left, right, count) == 0 }
    // The first and the last, which may overlap, are all.
    let difference =
      (pair(left, 0) ^ pair(right, 0)) | (pair(left, count &- 16) ^ pair(right, count &- 16))
    return difference.x | difference.y == 0
  }

  @inline(__always)
  private static func isEqualShort(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
  ) -> Bool {
    guard count >= 8 else { return memcmp(left, right, count) == 0 }
    return word(left, 0) == word(right, 0) && word(left, count &- 8) == word(right, count &- 8)
  }

  /// The text from `start` to the next element: where it ends, and whether it may need decoding.
  ///
  /// - Returns: nil when it is not plain, which is printable ASCII without an ampersand, or when the page
  ///   ends within eight bytes of it.
  @inline(__always)
  static func plainText(
    _ base: UnsafeRawPointer, from start: Int, count: Int
  ) -> (end: Int, isEscaped: Bool)? {
    var index = start
    while index &+ 16 <= count {
      let found = unusual(pair(base, index))
      guard (found.x | found.y) & every(0x80) == 0 else { break }
      index &+= 16
    }
    while index &+ 8 <= count {
      let found = unusual(word(base, index)) & every(0x80)
      guard found != 0 else {
        index &+= 8
        continue
      }
      // Of the bytes before the first that is not usual all are.
      let end = index &+ found.trailingZeroBitCount / 8
      if base.load(fromByteOffset: end, as: UInt8.self) == 0x3C { return (end, false) }
      return unusualText(base, from: index, count: count)
    }
    return nil
  }

  /// As ``plainText(_:from:count:)``, from where a byte was found that most keys do not have.
  private static func unusualText(
    _ base: UnsafeRawPointer, from start: Int, count: Int
  ) -> (end: Int, isEscaped: Bool)? {
    var escapes: UInt64 = 0
    var index = start
    while index &+ 8 <= count {
      var text = word(base, index)
      let tags = zero(text ^ every(0x3C)) & every(0x80)
      // What is behind the end is replaced by what is plain.
      let length = tags == 0 ? 8 : tags.trailingZeroBitCount / 8
      if length < 8 {
        let isText: UInt64 = (1 &<< UInt64(truncatingIfNeeded: 8 &* length)) &- 1
        text = text & isText | every(0x30) & ~isText
      }
      guard isPlain(text) else { return nil }
      escapes |= escape(text)
      index &+= length
      if length < 8 { return (index, escapes & every(0x80) != 0) }
    }
    return nil
  }

  /// The number of up to seven digits at `start`, and how many they are; nil when there are none or more,
  /// or when the page ends within eight bytes.
  @inline(__always)
  static func number(
    _ base: UnsafeRawPointer, from start: Int, count: Int
  ) -> (value: Int64, digits: Int)? {
    guard start &+ 8 <= count else { return nil }
    var text = word(base, start) ^ every(0x30)
    let others = ((text &+ every(0x76)) | text) & every(0x80)
    let bits = others.trailingZeroBitCount & ~7
    guard bits > 0, bits < 64 else { return nil }
    // The digits to the end of the word, with zeros before them; then two, four and eight at once.
    text &<<= UInt64(truncatingIfNeeded: 64 &- bits)
    text = text &* 10 &+ text &>> 8
    let mask: UInt64 = 0xFF_0000_00FF
    text =
      (text & mask) &* (100 &+ 1_000_000 &<< 32) &+ (text &>> 16 & mask) &* (1 &+ 10_000 &<< 32)
    return (Int64(truncatingIfNeeded: text &>> 32), bits / 8)
  }

  /// Whether a text may need decoding; nil when it is not plain: printable ASCII without an ampersand.
  static func inspect(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool? {
    var escapes: UInt64 = 0
    var index = start
    while index < end {
      var text = every(0x30)
      if index + 8 <= end {
        text = word(base, index)
      } else {
        for rest in index..<end {
          text = text << 8 | UInt64(base.load(fromByteOffset: rest, as: UInt8.self))
        }
      }
      guard isPlain(text) else { return nil }
      escapes |= escape(text)
      index += 8
    }
    return escapes & every(0x80) != 0
  }

  /// Whether all bytes are as those of most keys, times and ETags, so that there is no element among them and
  /// nothing to decode; false as well when they are fewer than sixteen.
  @inline(__always)
  static func isUsual(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
    guard end &- start >= 16 else { return false }
    // The last sixteen may overlap with those before.
    var found = unusual(pair(base, start)) | unusual(pair(base, end &- 16))
    var index = start &+ 16
    while index &+ 16 < end {
      found |= unusual(pair(base, index))
      index &+= 16
    }
    return (found.x | found.y) & every(0x80) == 0
  }

  /// Where a byte is not from the comma to the tilde, or begins an element; most keys have none before
  /// their end.
  @inline(__always)
  private static func unusual(_ text: UInt64) -> UInt64 {
    (text &- every(0x2C)) & ~text | (text &+ every(0x01)) | text | zero(text ^ every(0x3C))
  }

  @inline(__always)
  private static func unusual(_ text: SIMD2<UInt64>) -> SIMD2<UInt64> {
    let ends = (text &- every(0x2C)) & ~text | (text &+ every(0x01)) | text
    return ends | zero(text ^ every(0x3C))
  }

  @inline(__always)
  private static func isPlain(_ text: UInt64) -> Bool {
    let isBelowSpace = (text &- every(0x20)) & ~text
    let isAboveTilde = (text &+ every(0x01)) | text
    return (isBelowSpace | isAboveTilde | zero(text ^ every(0x26))) & every(0x80) == 0
  }

  /// Where a percent sign or a plus stands.
  @inline(__always)
  private static func escape(_ text: UInt64) -> UInt64 {
    zero(text ^ every(0x25)) | zero(text ^ every(0x2B))
  }

  @inline(__always)
  private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
    base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  @inline(__always)
  private static func pair(_ base: UnsafeRawPointer, _ offset: Int) -> SIMD2<UInt64> {
    base.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
  }

  /// The byte eight times.
  @inline(__always)
  private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

  /// The highest bit of a byte is set when a byte of the word is zero; of the lowest such byte for
  /// certain (6-1).
  @inline(__always)
  private static func zero(_ text: UInt64) -> UInt64 { (text &- every(0x01)) & ~text }

  @inline(__always)
  private static func zero(_ text: SIMD2<UInt64>) -> SIMD2<UInt64> {
    (text &- every(0x01)) & ~text
  }
}
