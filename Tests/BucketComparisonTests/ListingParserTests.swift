import Platform
import Testing

@testable import BucketComparison

@Suite struct ListingParserTests {
  private static let head =
    #"<?xml version="1.0" encoding="UTF-8"?>"#
    + #"<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/>"#

  private static func row(_ key: String, size: Int64 = 1, etag: String = "&quot;ab&quot;") -> String
  {
    "<Contents><Key>\(key)</Key><LastModified>2026-11-24T03:00:00.000Z</LastModified>"
      + "<ETag>\(etag)</ETag><Size>\(size)</Size><StorageClass>STANDARD</StorageClass></Contents>"
  }

  private static func page(_ rows: String, _ fields: String = "<EncodingType>url</EncodingType>")
    -> [UInt8]
  {
    Array("\(head)\(fields)\(rows)</ListBucketResult>".utf8)
  }

  private func records(_ page: ListingPage) -> [ObjectRecord] {
    page.entries.indices.map { page.record(at: $0) }
  }

  private func both(_ bytes: [UInt8]) throws -> (ListingPage, ListingPage) {
    var copy = bytes
    return (try #require(ListingScanner.scan(&copy)), try ListingXMLReader.read(bytes))
  }

  @Test func bothReadersReadTheSame() throws {
    let rows = [
      Self.row("a/b.jpg"), Self.row("a%20b+c%2Bd", size: 5 << 30),
      Self.row("%F0%9F%98%80%0A..%2F", etag: "&quot;0123-2&quot;"), Self.row("z", etag: "\"q\""),
    ].joined(separator: "\n  ")
    let fields =
      "<IsTruncated>true</IsTruncated><EncodingType>url</EncodingType>"
      + "<NextContinuationToken>1/t+=</NextContinuationToken>"
    let (fast, slow) = try both(Self.page(rows, fields))
    #expect(records(fast) == records(slow))
    #expect(fast.next == .token("1/t+="))
    #expect(slow.next == .token("1/t+="))
    #expect(records(fast).map(\.name) == ["a/b.jpg", "a b c+d", "😀\n../", "z"])
    #expect(records(fast)[1].size == 5 << 30)
    #expect(records(fast)[2].etag == "0123-2")
    #expect(records(fast)[0].modified == Timestamp("2026-11-24T03:00:00Z"))
  }

  @Test func keysWithoutURLEncodingAreTakenAsTheyAre() throws {
    let (fast, slow) = try both(Self.page(Self.row("a%20b+c"), ""))
    #expect(records(fast).map(\.name) == ["a%20b+c"])
    #expect(records(fast) == records(slow))
  }

  @Test func versionsAndDeleteMarkersAreRead() throws {
    let text =
      "<ListVersionsResult><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType>"
      + "<NextKeyMarker>k%2F1</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
      + "<Version><Key>k%2F1</Key><VersionId>v2</VersionId><IsLatest>false</IsLatest>"
      + "<LastModified>2026-11-24T03:00:00.000Z</LastModified><ETag>&quot;a&quot;</ETag>"
      + "<Size>7</Size><Owner><ID>x</ID></Owner><StorageClass>STANDARD</StorageClass></Version>"
      + "<DeleteMarker><Key>k%2F1</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest>"
      + "<LastModified>2026-11-24T03:00:01.000Z</LastModified></DeleteMarker></ListVersionsResult>"
    let (fast, slow) = try both(Array(text.utf8))
    #expect(records(fast) == records(slow))
    #expect(records(fast).map(\.isDeleteMarker) == [false, true])
    #expect(records(fast).map(\.isLatest) == [false, true])
    #expect(fast.next == .version(key: Array("k/1".utf8), version: "v1"))
  }

  @Test func whatIsNotPlainIsLeftToTheXMLReader() throws {
    for key in ["a&amp;b", "<![CDATA[a&b]]>", "a&#38;b"] {
      var bytes = Self.page(Self.row(key), "")
      #expect(ListingScanner.scan(&bytes) == nil)
      #expect(records(try ListingParser.read(bytes)).map(\.name) == ["a&b"])
    }
  }

  /// XML reads a carriage return as a line end, in any value.
  @Test func carriageReturnsAreLeftToTheXMLReader() throws {
    let text = String(decoding: Self.page(Self.row("a")), as: UTF8.self)
    var bytes = Array(text.replacing("STANDARD", with: "STAND\rARD").utf8)
    #expect(ListingScanner.scan(&bytes) == nil)
    #expect(records(try ListingParser.read(bytes)).map(\.storageClass) == ["STAND\nARD"])
  }

  @Test func aPageCutShortAnywhereIsNoPage() {
    let whole = Self.page(Self.row("a%20b") + Self.row("c"))
    for count in 0..<whole.count {
      #expect(throws: Problem.self, "\(count)") { try ListingParser.read(Array(whole[..<count])) }
    }
  }

  /// The fast reader may give up, but where it does not it must agree with libxml2.
  @Test func theReadersAgreeOnDamagedPages() throws {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    let whole = Self.page(Self.row("a%20b") + Self.row("c/d", etag: "x-3"))
    var agreed = 0
    for _ in 0..<4_000 {
      var bytes = whole
      for _ in 0...random.next() % 3 {
        let index = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next() % 128)
        case 1: bytes.remove(at: index)
        default: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: index)
        }
      }
      var copy = bytes
      guard let fast = ListingScanner.scan(&copy) else { continue }
      // Damage within a value that neither reader looks at may leave it ill-formed for libxml2 alone.
      guard let slow = try? ListingXMLReader.read(bytes) else { continue }
      #expect(records(fast) == records(slow), "seed \(seed)")
      #expect(fast.next == slow.next, "seed \(seed)")
      agreed += 1
    }
    #expect(agreed > 100, "seed \(seed)")
  }

  /// Rows that go on as the last one, rows that change in every way, and back again.
  @Test func rowsThatAreAlikeAndRowsThatAreNotAreReadTheSame() throws {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    func one(of choices: [String]) -> String { choices[Int(random.next() % UInt64(choices.count))] }
    let plain = {
      Self.row(
        one(of: ["k%2F\(random.next())", "media/2026/\(1_000_000 + random.next() % 900_000)"]),
        size: Int64(random.next() >> 20))
    }
    let changes: [(String) -> String] = [
      { $0.replacing("STANDARD", with: one(of: ["GLACIER", "", "STANDARD_IA"])) },
      {
        $0.replacing(
          "&quot;ab&quot;", with: one(of: ["&quot;&quot;", "ab", "\"ab\"", "&quot;a-2&quot;"]))
      },
      { $0.replacing(".000Z", with: one(of: ["Z", ".000000Z"])) },
      { $0.replacing("</ETag>", with: "</ETag>\n  ") },
      {
        $0.replacing(
          "<StorageClass>", with: "<Owner><ID>\(one(of: ["x", "yy"]))</ID></Owner><StorageClass>")
      },
      { "\n  " + $0 },
      { $0.replacing("k%2F", with: one(of: ["k+", "k%20", "", "k%F0%9F%98%80"])) },
      { row in
        let size = row[
          row.firstRange(of: "<Size>")!.lowerBound..<row.firstRange(of: "<Storage")!.lowerBound]
        return row.replacing(size, with: "").replacing("<Key>", with: "\(size)<Key>")
      },
    ]
    for _ in 0..<200 {
      let rows = (0..<20).map { _ in
        random.next() % 3 > 0
          ? plain() : changes[Int(random.next() % UInt64(changes.count))](plain())
      }.filter { !$0.contains("<Key></Key>") }
      let (fast, slow) = try both(Self.page(rows.joined()))
      #expect(records(fast) == records(slow), "seed \(seed)")
    }
  }

  /// Damage anywhere in rows that were expected to go on as the first.
  @Test func theReadersAgreeOnDamageInRowsThatAreAlike() throws {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    // Keys that are looked at word by word, and keys that are looked at as a whole.
    let pages = ["a%20b/", "media/2026/0123456789-", "media/2026/11/28/0123456789-and-more-"].map {
      key in
      Self.page((0..<8).map { Self.row("\(key)\($0)", etag: "&quot;0a1b\($0)&quot;") }.joined())
    }
    var agreed = 0
    for round in 0..<12_000 {
      var bytes = pages[round % pages.count]
      let index = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 4 {
      case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes.remove(at: index)
      case 2: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: index)
      default: bytes[index] = Array("<>&;\"+%".utf8)[Int(random.next() % 7)]
      }
      var copy = bytes
      guard let fast = ListingScanner.scan(&copy), let slow = try? ListingXMLReader.read(bytes)
      else {
        continue
      }
      #expect(records(fast) == records(slow), "seed \(seed)")
      agreed += 1
    }
    #expect(agreed > 300, "seed \(seed)")
  }

  /// The key ends where the next element begins, wherever that is within the words that are looked at.
  @Test func plainKeysEndAtTheNextElement() {
    for count in 1...40 {
      for place in 0..<count {
        for byte in UInt8.min...UInt8.max where byte != 0x3C {
          var text = [UInt8](repeating: 0x61, count: count)
          text[place] = byte
          text += Array("</Key><Last".utf8)
          let found = text.withUnsafeBytes { bytes in
            bytes.baseAddress.flatMap { WordScan.plainText($0, from: 0, count: bytes.count) }
          }
          let isPlain = (0x20..<0x7F).contains(byte) && byte != 0x26
          #expect(found?.end == (isPlain ? count : nil), "\(byte) at \(place) of \(count)")
          if isPlain { #expect(found?.isEscaped == (byte == 0x25 || byte == 0x2B)) }
        }
      }
    }
  }

  @Test func sizesAreReadUpToWhatIsNoDigit() {
    for (text, value, digits) in [
      ("0<", 0, 1), ("7</Size>", 7, 1), ("1234567</Size>", 1_234_567, 7), ("0042<", 42, 4),
    ] {
      let padded = Array((text + "</Size>").utf8)
      let found = padded.withUnsafeBytes { bytes in
        bytes.baseAddress.flatMap { WordScan.number($0, from: 0, count: bytes.count) }
      }
      #expect(found?.value == Int64(value), "\(text)")
      #expect(found?.digits == digits, "\(text)")
    }
    for text in [
      "", "<", "a1</Size>", "/1</Size>", ":1</Size>", "12345678</Size>", "\u{80}1</Size>",
    ] {
      let found = Array(text.utf8).withUnsafeBytes { bytes in
        bytes.baseAddress.flatMap { WordScan.number($0, from: 0, count: bytes.count) }
      }
      #expect(found == nil, "\(text)")
    }
  }

  @Test func keysAreOrderedByTheirBytes() {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    for _ in 0..<20_000 {
      let left = (0..<random.next() % 24).map { _ in
        UInt8(truncatingIfNeeded: random.next() % 3 &* 127)
      }
      var right = left
      switch random.next() % 4 {
      case 0: break
      case 1: right.append(UInt8(truncatingIfNeeded: random.next()))
      case 2: if !right.isEmpty { right.removeLast() }
      default:
        if !right.isEmpty {
          right[Int(random.next() % UInt64(right.count))] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      #expect(
        KeyOrder.isLess(left, right) == left.lexicographicallyPrecedes(right), "seed \(seed)")
      #expect(
        KeyOrder.isLess(right, left) == right.lexicographicallyPrecedes(left), "seed \(seed)")
    }
  }

  @Test func onlyPrintableKeysArePlain() {
    for count in 1...20 {
      for place in 0..<count {
        for byte in UInt8.min...UInt8.max {
          var key = [UInt8](repeating: 0x61, count: count)
          key[place] = byte
          let found = key.withUnsafeBytes { bytes in
            bytes.baseAddress.flatMap { WordScan.inspect($0, 0, count) }
          }
          let isPlain = (0x20..<0x7F).contains(byte) && byte != 0x26
          #expect(found == (isPlain ? byte == 0x25 || byte == 0x2B : nil), "\(byte) at \(place)")
        }
      }
    }
  }

  /// Every byte at every place of a text that ends anywhere.
  @Test func wordsAreScannedAsBytesWouldBe() {
    for count in Array(0...20) + [31, 32, 33, 36] {
      for place in 0..<max(count, 1) {
        for byte in UInt8.min...UInt8.max {
          var text = [UInt8](repeating: 0x61, count: count)
          if count > 0 { text[place] = byte }
          let page = text + Array("</Key><Size>".utf8)
          let first = text.firstIndex(of: 0x3C) ?? count
          let isPlain = text[..<first].allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x26 }
          let isEscaped = text[..<first].contains { $0 == 0x25 || $0 == 0x2B }
          page.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            let found = WordScan.plainText(base, from: 0, count: bytes.count)
            #expect(found?.end == (isPlain ? first : nil), "\(byte) at \(place) of \(count)")
            #expect(found?.isEscaped == (isPlain ? isEscaped : nil), "\(byte) at \(place)")
            // What is refused without need is left to the slower reader.
            if WordScan.isUsual(base, 0, count) {
              #expect(first == count && isPlain && !isEscaped, "\(byte) at \(place)")
            }
            if count >= 16, byte == 0x61 || byte == 0x2F {
              #expect(WordScan.isUsual(base, 0, count))
            }
          }
        }
      }
    }
  }

  @Test func bytesAreEqualWhenEachOneIs() {
    for count in 0...40 {
      let left = (0..<count).map { UInt8($0) }
      #expect(WordScan.isEqual(left, Array(left), count: count))
      for place in 0..<count {
        var right = left
        right[place] ^= 0x80
        #expect(!WordScan.isEqual(left, right, count: count), "\(place) of \(count)")
      }
    }
  }

  @Test func theNextPageIsKnownFromTheHeadOfAPage() {
    let fields = "<NextContinuationToken>tok/1=</NextContinuationToken>"
    #expect(ListingParser.earlyToken(in: Self.page(Self.row("a"), fields)) == "tok/1=")
    #expect(ListingParser.earlyToken(in: Self.page(Self.row("a") + fields, "")) == nil)
    #expect(ListingParser.earlyToken(in: Self.page(Self.row("a"))) == nil)
  }
}
