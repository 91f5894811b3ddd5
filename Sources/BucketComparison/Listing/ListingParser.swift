import Platform

/// Reads a page of a listing: at full speed when it is in S3's plain form, else with libxml2.
enum ListingParser {
  /// - Throws: `Problem` when the bytes are no whole listing.
  static func read(_ bytes: consuming [UInt8]) throws(Problem) -> ListingPage {
    if let page = ListingScanner.scan(&bytes) { return page }
    return try ListingXMLReader.read(bytes)
  }

  /// The token of the next page, when it stands before the first row, so that the next page can be
  /// asked for while this one still comes in. Nil when it is not known yet.
  static func earlyToken(in bytes: [UInt8]) -> String? {
    let head = bytes.prefix(4_096)
    guard let start = head.firstRange(of: Array("<NextContinuationToken>".utf8))?.upperBound,
      let end = head[start...].firstIndex(of: 0x3C), end > start
    else { return nil }
    let token = head[start..<end]
    if let row = head.firstRange(of: Array("<Contents>".utf8)), row.lowerBound < start {
      return nil
    }
    return token.contains(0x26) ? nil : String(decoding: token, as: UTF8.self)
  }
}

extension ArraySlice<UInt8> {
  fileprivate func firstRange(of needle: [UInt8]) -> Range<Int>? {
    guard let first = needle.first, count >= needle.count else { return nil }
    var index = startIndex
    while let candidate = self[index...].firstIndex(of: first) {
      if self[candidate...].starts(with: needle) { return candidate..<candidate + needle.count }
      index = candidate + 1
    }
    return nil
  }
}
