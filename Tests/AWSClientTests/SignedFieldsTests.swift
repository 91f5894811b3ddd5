import HTTPClient
import Platform
import Testing

@testable import AWSClient

@Suite struct SignedFieldsTests {
  @Test func fieldsAreSortedMergedInTheirOrderAndTrimmed() {
    let fields = SignedFields([
      HTTPHeader("X-Amz-Meta-B", "2"), HTTPHeader("Host", "h"),
      HTTPHeader("x-amz-meta-b", " 1  3 "),
      HTTPHeader("User-Agent", "not signed"), HTTPHeader("X-AMZ-META-A", ""),
      HTTPHeader("X-Amz-Meta-B", "2"),
    ])
    #expect(fields.names == "host;x-amz-meta-a;x-amz-meta-b")
    #expect(fields.canonical == "host:h\nx-amz-meta-a:\nx-amz-meta-b:2,1 3,2\n")
    let none = SignedFields([])
    #expect(none.names.isEmpty && none.canonical.isEmpty)
  }

  /// The order that fields come in matters only within one name.
  @Test func anyOrderOfFieldsIsSignedAlike() {
    let random = SeededRandom(seed: 7)
    for _ in 0..<500 {
      let headers = (0..<Int(random.next() % 12)).map { index in
        HTTPHeader(
          ["a", "A", "a-b", "ab", "host", "X-b", "x-B", "é"][Int(random.next() % 8)], "\(index)")
      }
      let values = Dictionary(grouping: headers) { $0.name.lowercased() }.sorted { $0.key < $1.key }
      let fields = SignedFields(headers)
      #expect(fields.names == values.map(\.key).joined(separator: ";"))
      #expect(
        fields.canonical
          == values.map { "\($0.key):\($0.value.map(\.value).joined(separator: ","))\n" }.joined())
    }
  }
}
