import Glibc
import Platform

/// Reads a page of a listing: at full speed when it is in S3's plain form, else with libxml2.
enum ListingParser {
  private static let opening: StaticString = "<NextContinuationToken>"

  /// - Parameters:
  ///   - room: an empty page, whose memory is used.
  ///   - twin: the other bucket's page, if one is at hand.
  /// - Throws: `Problem` when the bytes are no whole listing.
  static func read(
    _ bytes: consuming [UInt8], into room: consuming ListingPage = ListingPage(),
    beside twin: TwinPage? = nil
  ) throws(Problem) -> ListingPage {
    if let page = ListingScanner.scan(&bytes, into: room, beside: twin) { return page }
    return try ListingXMLReader.read(bytes)
  }

  /// The token of the next page, when it stands before the first row, so that the next page can be
  /// asked for while this one still comes in. Nil when it is not known yet.
  static func earlyToken(in bytes: [UInt8]) -> String? {
    bytes.withUnsafeBytes { all in
      let head = UnsafeRawBufferPointer(rebasing: all.prefix(4_096))
      guard let opening = offset(of: Self.opening, in: head) else { return nil }
      let text = UnsafeRawBufferPointer(
        rebasing: head[(opening + Self.opening.utf8CodeUnitCount)...])
      guard let end = text.firstIndex(of: 0x3C), end > 0 else { return nil }
      if let row = offset(of: "<Contents>", in: head), row < opening { return nil }
      let token = text[..<end]
      return token.contains(0x26) ? nil : String(decoding: token, as: UTF8.self)
    }
  }

  private static func offset(of text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let first = Int32(text.utf8Start.pointee)
    var from = 0
    while from + text.utf8CodeUnitCount <= bytes.count,
      let found = memchr(base + from, first, bytes.count - from - text.utf8CodeUnitCount + 1)
    {
      if memcmp(found, text.utf8Start, text.utf8CodeUnitCount) == 0 {
        return UnsafeRawPointer(found) - base
      }
      from = UnsafeRawPointer(found) - base + 1
    }
    return nil
  }
}
