@testable import BucketComparison

/// Any bytes are a page of a listing or none. What the reader of S3's plain form takes, libxml2 reads alike, where it
/// reads it at all; and a page that is read beside another is the one that it is alone. A NUL stands between the two.
@_cdecl("LLVMFuzzerTestOneInput")
public func readListings(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let pages = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    .map { Array($0) }
  for page in pages { compareReaders(page) }
  guard pages.count == 2, let source = try? ListingParser.read(pages[0]) else { return 0 }
  for index in 0..<min(2, source.entries.count) {
    let twin = TwinPage(page: source, index: index, number: 1)
    let beside = try? ListingParser.read(pages[1], beside: twin)
    precondition(said(beside) == said(try? ListingParser.read(pages[1])))
  }
  return 0
}

private func compareReaders(_ bytes: [UInt8]) {
  var copy = bytes
  _ = ListingParser.earlyToken(in: bytes)
  guard let fast = ListingScanner.scan(&copy) else {
    precondition(copy == bytes)
    return
  }
  guard let slow = try? ListingXMLReader.read(bytes) else { return }
  precondition(said(fast) == said(slow))
}

/// What a page says.
private func said(_ page: ListingPage?) -> String? {
  page.map { "\($0.records) \($0.commonPrefixes) \(String(describing: $0.next))" }
}
