import Glibc

/// What a listing says beside its rows, and how a page is completed with it.
struct ListingFields {
  private var isTruncated = false
  private var isURLEncoded = false
  private var token: [UInt8]?
  private var keyMarker: [UInt8]?
  private var versionMarker: [UInt8]?

  mutating func set(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    if Self.isSame(name, "IsTruncated") {
      isTruncated = Self.isSame(value, "true")
    } else if Self.isSame(name, "EncodingType") {
      isURLEncoded = Self.isSame(value, "url")
    } else if Self.isSame(name, "NextContinuationToken") {
      token = Self.text(value)
    } else if Self.isSame(name, "NextKeyMarker") {
      keyMarker = Self.text(value)
    } else if Self.isSame(name, "NextVersionIdMarker") {
      versionMarker = Self.text(value)
    }
  }

  private static func isSame(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount, let start = bytes.baseAddress else { return false }
    return memcmp(start, text.utf8Start, bytes.count) == 0
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    bytes.isEmpty ? nil : Array(bytes)
  }

  /// Decodes the keys, and says where the next page begins.
  ///
  /// - Returns: false when an escape is none; the page is then of no use.
  func complete(_ page: inout ListingPage) -> Bool {
    if isURLEncoded, !decode(&page) { return false }
    guard isTruncated else { return true }
    if let token {
      page.next = .token(String(decoding: token, as: UTF8.self))
    } else if let keyMarker, let key = isURLEncoded ? KeyEncoding.decode(keyMarker) : keyMarker {
      page.next =
        versionMarker.map {
          .version(key: key, version: String(decoding: $0, as: UTF8.self))
        } ?? .after(key)
    } else if let last = page.lastKey {
      page.next = .after(last)
    }
    return page.next != nil
  }

  private func decode(_ page: inout ListingPage) -> Bool {
    let escaped = page.entries.indices.filter { page.entries[$0].mayNeedDecoding }
    // Checked first, so that bytes that turn out to be no escapes are still as they were.
    for index in escaped {
      let key = page.bytes[page.entries[index].key.range]
      guard KeyEncoding.decode(Array(key)) != nil else { return false }
    }
    let prefixes = page.commonPrefixes.map(KeyEncoding.decode)
    guard !prefixes.contains(nil) else { return false }
    page.commonPrefixes = prefixes.compactMap { $0 }
    guard !escaped.isEmpty else { return true }
    var entries: [ObjectEntry] = []
    swap(&entries, &page.entries)
    page.bytes.withUnsafeMutableBytes { bytes in
      for index in escaped {
        let place = entries[index].key
        let key = UnsafeMutableRawBufferPointer(rebasing: bytes[place.range])
        let count = KeyEncoding.decode(key) ?? place.range.count
        entries[index].key = ObjectEntry.Place(place.range.lowerBound, count)
      }
    }
    page.entries = entries
    return true
  }
}
