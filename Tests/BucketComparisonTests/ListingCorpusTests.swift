import Foundation
import Platform
import Testing

@testable import BucketComparison

/// What fuzzing has found worth keeping, and what chance makes of it.
@Suite struct ListingCorpusTests {
  private func corpus() throws -> [[UInt8]] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fuzz/corpus/listing")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
  }

  /// What a page says; nil when it is none.
  private func said(_ page: ListingPage?) -> String? {
    page.map { "\($0.records) \($0.commonPrefixes) \(String(describing: $0.next))" }
  }

  /// Both readers read the pages alike, and the second is beside the first what it is alone.
  ///
  /// - Returns: whether the reader of the plain form took any.
  private func expectAgreement(on bytes: [UInt8], _ comment: Comment? = nil) -> Bool {
    let pages = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      .map { Array($0) }
    var isPlain = false
    for page in pages {
      var copy = page
      guard let fast = ListingScanner.scan(&copy) else {
        #expect(copy == page, comment)
        continue
      }
      isPlain = true
      guard let slow = try? ListingXMLReader.read(page) else { continue }
      #expect(said(fast) == said(slow), comment)
    }
    guard pages.count == 2, let source = try? ListingParser.read(pages[0]) else { return isPlain }
    let alone = said(try? ListingParser.read(pages[1]))
    for index in 0..<min(2, source.entries.count) {
      let twin = TwinPage(page: source, index: index, number: 1)
      #expect(said(try? ListingParser.read(pages[1], beside: twin)) == alone, comment)
    }
    return isPlain
  }

  @Test func whatFuzzingFoundIsReadAlike() throws {
    let corpus = try corpus()
    let plain = corpus.count { expectAgreement(on: $0) }
    #expect(plain > 10)
  }

  @Test func changedPagesAreReadAlike() throws {
    let corpus = try corpus()
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    for _ in 0..<1_000 {
      var changed = corpus[Int(random.next() % UInt64(corpus.count))]
      guard !changed.isEmpty else { continue }
      for _ in 0...random.next() % 3 {
        changed[Int(random.next() % UInt64(changed.count))] = UInt8(
          truncatingIfNeeded: random.next())
      }
      _ = expectAgreement(on: changed, "seed \(seed)")
    }
  }

  /// Each was read unlike libxml2 once: entities within values, and bytes of another encoding.
  @Test(arguments: [
    ("&quot;01&quot;", "&quot;0&quot;1&quot;"), ("&quot;01&quot;", "&quot;0&#38;1&quot;"),
    ("03:00", "03&#58;00"), ("STANDARD", "STAND&#65;RD"), ("UTF-8", "UTF-7"),
    ("<Size>", "<IsLatest>&#116;rue</IsLatest><Size>"),
    ("<Size>", "<IsLatest>none</IsLatest><Size>"),
  ])
  func valuesThatAreNotPlainAreLeftToTheXMLReader(old: String, new: String) {
    let rows = ["media/2026/0123456789-1", "media/2026/0123456789-2", "z"].map { key in
      "<Contents><Key>\(key)</Key><LastModified>2026-11-24T03:00:00.000Z</LastModified>"
        + "<ETag>&quot;01&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>"
    }
    for row in rows.indices {
      var changed = rows
      changed[row] = rows[row].replacing(old, with: new)
      let page =
        #"<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>b</Name>"#
        .replacing(old, with: new) + changed.joined() + "</ListBucketResult>"
      var bytes = Array(page.utf8)
      #expect(ListingScanner.scan(&bytes) == nil)
    }
  }
}
