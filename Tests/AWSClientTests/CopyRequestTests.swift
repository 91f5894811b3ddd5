import HTTPClient
import Testing

@testable import AWSClient

/// Copies within S3 as they go over the wire.
@Suite struct CopyRequestTests {
  private let source = CopySource(
    S3ObjectName(bucket: "from", key: "a b", version: "v1"), etag: "abc")

  private func header(_ name: String, of request: some AWSRequest) throws -> String? {
    try request.message().headers.value(of: name)
  }

  /// A copy neither overwrites what nobody has looked at, nor takes what is not what was looked at.
  @Test func copiesAreConditional() throws {
    let onto = { CopyObject(source, to: "to", key: "a b", onto: $0) }
    #expect(try header("x-amz-copy-source", of: onto(.none)) == "from/a%20b?versionId=v1")
    #expect(try header("x-amz-copy-source-if-match", of: onto(.none)) == "\"abc\"")
    #expect(try header("If-None-Match", of: onto(.none)) == nil)
    #expect(try header("If-None-Match", of: onto(.absent)) == "*")
    #expect(try header("If-Match", of: onto(.replacing("old"))) == "\"old\"")
    let part = UploadPartCopy(source, range: 0..<10, to: "to", key: "k", upload: "u", part: 1)
    #expect(try header("x-amz-copy-source-if-match", of: part) == "\"abc\"")
    #expect(try header("x-amz-copy-source-range", of: part) == "bytes=0-9")
    let whole = CompleteMultipartUpload(
      bucket: "to", key: "k", upload: "u", parts: ["p"], onto: .absent)
    #expect(try header("If-None-Match", of: whole) == "*")
  }

  @Test func thePartsOfAnUploadAreReadPageByPage() throws {
    let body = """
      <ListPartsResult><IsTruncated>true</IsTruncated>
      <Part><PartNumber>3</PartNumber><ETag>&quot;e3&quot;</ETag><Size>77</Size></Part></ListPartsResult>
      """
    let page = try ListParts.read(
      HTTPAnswer(status: 200, headers: [], body: Array(body.utf8)))
    #expect(page.parts == [UploadedPart(number: 3, etag: "\"e3\"", size: 77)])
    #expect(page.hasMore)
    let next = ListParts(bucket: "to", key: "k", upload: "u", after: 3)
    let query = try next.message().query.map { "\($0.name)=\($0.value ?? "")" }
    #expect(query == ["uploadId=u", "part-number-marker=3"])
  }
}
