import Glibc

/// A place in the text of a page, from which it is read on. Every access is checked against the end.
struct PageText {
  let base: UnsafeMutableRawPointer
  let count: Int
  var position = 0

  /// The text up to the closing tag, which is taken.
  @inline(__always)
  mutating func leaf(_ close: StaticString) -> ObjectEntry.Place? {
    guard let end = find(0x3C, from: position) else { return nil }
    let place = ObjectEntry.Place(position, end - position)
    position = end
    return take(close) ? place : nil
  }

  /// As ``leaf(_:)``, when the text is plain.
  mutating func plainLeaf(_ close: StaticString) -> ObjectEntry.Place? {
    leaf(close).flatMap { inspect($0) == nil ? nil : $0 }
  }

  /// Whether a key may need decoding; nil when it is not plain.
  @inline(__always)
  func inspect(_ place: ObjectEntry.Place) -> Bool? {
    WordScan.inspect(base, place.range.lowerBound, place.range.upperBound)
  }

  func plain(_ place: ObjectEntry.Place) -> [UInt8]? {
    inspect(place) == nil ? nil : bytes(place.range.lowerBound, place.range.upperBound)
  }

  /// Without the quotes around it, which are written `&quot;` or as they are.
  @inline(__always)
  func unquoted(_ place: ObjectEntry.Place) -> ObjectEntry.Place? {
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
  func number(_ place: ObjectEntry.Place) -> Int64? {
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
  func matches(_ text: StaticString, at offset: Int) -> Bool {
    offset + text.utf8CodeUnitCount <= count
      && memcmp(base + offset, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  @inline(__always)
  func isAt(_ text: StaticString) -> Bool { matches(text, at: position) }

  @inline(__always)
  mutating func take(_ text: StaticString) -> Bool {
    guard matches(text, at: position) else { return false }
    position += text.utf8CodeUnitCount
    return true
  }

  mutating func skip(past text: StaticString) -> Bool {
    while let candidate = find(text.utf8Start[0], from: position) {
      position = candidate
      if take(text) { return true }
      position += 1
    }
    return false
  }

  @inline(__always)
  mutating func skipSpace() {
    while position < count {
      switch base.load(fromByteOffset: position, as: UInt8.self) {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  @inline(__always)
  func find(_ byte: UInt8, from offset: Int) -> Int? {
    guard offset < count, let found = memchr(base + offset, Int32(byte), count - offset) else {
      return nil
    }
    return found - base
  }

  func bytes(_ start: Int, _ end: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: base + start, count: end - start))
  }
}
