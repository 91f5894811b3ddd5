import Glibc

/// Looks at bytes eight at a time, without a branch for each (Warren, "Hacker's Delight", chapter 6).
///
/// What is scanned here is short: to call the C library for it would cost more than the scan.
enum WordScan {
  /// Whether the same bytes stand at both places.
  @inline(__always)
  static func isEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
    guard count >= 8 else { return memcmp(left, right, count) == 0 }
    var difference = word(left, count &- 8) ^ word(right, count &- 8)
    var index = 0
    while index &+ 8 < count {
      difference |= word(left, index) ^ word(right, index)
      index &+= 8
    }
    return difference == 0
  }

  /// The text from `start` to the next element: where it ends, and whether it may need decoding.
  ///
  /// - Returns: nil when it is not plain, which is printable ASCII without an ampersand, or when the page
  ///   ends within eight bytes of it.
  @inline(__always)
  static func plainText(
    _ base: UnsafeRawPointer, from start: Int, count: Int
  ) -> (end: Int, isEscaped: Bool)? {
    var escapes: UInt64 = 0
    var index = start
    while index &+ 8 <= count {
      var text = word(base, index)
      if isUsual(text) {
        index &+= 8
        continue
      }
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

  /// Whether no element begins within the bytes, and no control character is among them.
  @inline(__always)
  static func isValue(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
    guard end &- start >= 8 else {
      return inspect(base, start, end) != nil && !hasTag(base, start, end)
    }
    var found = refused(word(base, end &- 8))
    var index = start
    while index &+ 8 < end {
      found |= refused(word(base, index))
      index &+= 8
    }
    return found & every(0x80) == 0
  }

  private static func hasTag(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
    end > start && memchr(base + start, 0x3C, end - start) != nil
  }

  @inline(__always)
  private static func refused(_ text: UInt64) -> UInt64 {
    zero(text ^ every(0x3C)) | (text &- every(0x20)) & ~text
  }

  /// Whether all bytes are from the comma to the tilde, and none begins an element: as most keys are.
  @inline(__always)
  private static func isUsual(_ text: UInt64) -> Bool {
    let isBelowComma = (text &- every(0x2C)) & ~text
    let isAboveTilde = (text &+ every(0x01)) | text
    return (isBelowComma | isAboveTilde | zero(text ^ every(0x3C))) & every(0x80) == 0
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

  /// The byte eight times.
  @inline(__always)
  private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

  /// The highest bit of a byte is set when a byte of the word is zero; of the lowest such byte for
  /// certain (6-1).
  @inline(__always)
  private static func zero(_ text: UInt64) -> UInt64 { (text &- every(0x01)) & ~text }
}
