import Glibc

extension StringProtocol {
  /// The text without spaces, tabs and line ends at either end.
  public func trimmingWhitespace() -> String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
    guard let first = firstIndex(where: { !isSpace($0) }),
      let last = lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(self[first...last])
  }

  /// The range of the first occurrence of `needle`; nil when there is none.
  public func firstRange(of needle: String) -> Range<Index>? {
    guard let start = needle.first else { return nil }
    var index = startIndex
    while let candidate = self[index...].firstIndex(of: start) {
      if self[candidate...].hasPrefix(needle) {
        return candidate..<self.index(candidate, offsetBy: needle.count)
      }
      index = self.index(after: candidate)
    }
    return nil
  }
}

extension String {
  /// Whether both are the same bytes. `==` also holds texts for equal that Unicode holds for equivalent.
  public func hasSameBytes(as other: String) -> Bool {
    let isSame = utf8.withContiguousStorageIfAvailable { bytes in
      other.utf8.withContiguousStorageIfAvailable { others in
        guard bytes.count == others.count else { return false }
        guard let one = bytes.baseAddress, let two = others.baseAddress else { return true }
        return memcmp(one, two, bytes.count) == 0
      }
    }
    return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
  }

  /// The text with every occurrence of `part` replaced.
  public func replacingAll(_ part: String, with replacement: String) -> String {
    var result = ""
    var rest = self[...]
    while !part.isEmpty, let range = rest.firstRange(of: part) {
      result += rest[..<range.lowerBound] + replacement
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}

extension UInt8 {
  /// Whether it is an ASCII digit.
  public var isDigit: Bool { (0x30...0x39).contains(self) }

  /// Whether it is a lower-case ASCII letter or an ASCII digit.
  public var isLowercaseOrDigit: Bool { (0x61...0x7A).contains(self) || isDigit }
}
