import HTTPClient
import Testing

@testable import AWSClient
@testable import Recoveries

/// When a copy is held for what was copied.
@Suite struct CopyCheckTests {
  private func head(
    _ etag: String, size: Int = 9, second: Int = 0, _ more: [String: String] = [:]
  ) throws -> S3ObjectHead {
    let date = "Tue, 24 Nov 2026 03:00:0\(second) GMT"
    let fields = ["Content-Length": "\(size)", "ETag": "\"\(etag)\"", "Last-Modified": date]
      .merging(more) { $1 }
    return try HeadObject.read(
      HTTPAnswer(status: 200, headers: fields.map { HTTPHeader($0.key, $0.value) }, body: []))
  }

  private func isSame(_ original: S3ObjectHead, _ copy: S3ObjectHead) -> Bool {
    CopyCheck(original: original, copy: copy).isSame
  }

  @Test func theContentDecidesWhereS3TellsOfIt() throws {
    #expect(isSame(try head("a"), try head("a", second: 1)))
    #expect(!isSame(try head("a"), try head("b", second: 1)))
    #expect(!isSame(try head("a"), try head("a", size: 8, second: 1)))
    let sum = "x-amz-checksum-crc64nvme"
    let summed = try head("a-2", [sum: "one"])
    #expect(isSame(summed, try head("b-9", [sum: "one"])))
    #expect(!isSame(summed, try head("a-2", second: 1, [sum: "two"])))
    // Another algorithm says nothing.
    #expect(isSame(summed, try head("b-9", second: 1, ["x-amz-checksum-sha256": "two"])))
  }

  /// Copies of what was made in parts or encrypted with KMS never have the original's ETag: they are not
  /// copied again and again for that.
  @Test func sizeAndTimeDecideWhereETagsAreNoSums() throws {
    let kms = ["x-amz-server-side-encryption": "aws:kms"]
    for (original, copy) in [
      (try head("a-2", second: 3), try head("b", second: 4)),
      (try head("a", second: 3), try head("b-7", second: 4)),
      (try head("a", second: 3, kms), try head("b", second: 4)),
      (try head("a", second: 3), try head("b", second: 4, kms)),
    ] {
      #expect(isSame(original, copy))
      #expect(!isSame(copy, original), "the copy is older")
    }
  }
}
