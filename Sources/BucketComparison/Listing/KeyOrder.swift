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
      let order = memcmp(a, b, count)
      if order != 0 { return order }
    }
    return Int32(truncatingIfNeeded: left.count - right.count)
  }

  static func isLess(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { a in right.withUnsafeBytes { b in compare(a, b) < 0 } }
  }

  static func commonPrefix(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    Array(zip(left, right).prefix { $0 == $1 }.map(\.0))
  }
}
