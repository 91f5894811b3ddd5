import HTTPClient
import Platform
import Testing

@testable import AWSClient

@Suite struct PresignedCopyTests {
  /// What botocore 1.43.11 puts into `PreSignedUrl` for the same copy, at a fixed moment.
  @Test func theURLOfACopyIsTheOneThatBotocoreGives() throws {
    let credentials = AWSCredentials(
      accessKeyID: "AKIDEXAMPLE",
      secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), sessionToken: nil,
      source: "test")
    let copy = CopyDBSnapshot(
      source: "arn:aws-us-gov:rds:us-gov-west-1:123456789012:snapshot:rds:core-2026-11-24-03-00",
      target: "core-copy", kmsKey: "alias/mosaic-dr", tags: [:])
    let url = RequestSigner(credentials: credentials, region: "us-gov-west-1", service: .rds)
      .presign(
        copy.request(
          to: "us-gov-east-1", endpoint: "https://rds.us-gov-west-1.amazonaws.com/"),
        at: try #require(Timestamp("2026-11-24T03:00:00Z")),
        expires: CopyDBSnapshot.presignedLifetime)
    #expect(
      url == "https://rds.us-gov-west-1.amazonaws.com/?Action=CopyDBSnapshot&Version=2014-10-31"
        + "&SourceDBSnapshotIdentifier=arn%3Aaws-us-gov%3Ards%3Aus-gov-west-1%3A123456789012"
        + "%3Asnapshot%3Ards%3Acore-2026-11-24-03-00&TargetDBSnapshotIdentifier=core-copy"
        + "&KmsKeyId=alias%2Fmosaic-dr&DestinationRegion=us-gov-east-1"
        + "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261124"
        + "%2Fus-gov-west-1%2Frds%2Faws4_request&X-Amz-Date=20261124T030000Z&X-Amz-Expires=3600"
        + "&X-Amz-SignedHeaders=host"
        + "&X-Amz-Signature=c6d38f1e145cd1aab77e70c01b3b32e88d7972ab5b41eacdd818ef54fb1d332b")
  }

  @Test func onlyOtherPartitionsNeedOneAndItGoesOverTheWireAlone() {
    #expect(CopyDBSnapshot.needsPresignedURL(in: "us-gov-east-1"))
    #expect(CopyDBSnapshot.needsPresignedURL(in: "cn-north-1"))
    #expect(!CopyDBSnapshot.needsPresignedURL(in: "us-west-2"))
    var copy = CopyDBSnapshot(source: "s", target: "t", kmsKey: nil, tags: ["k": "v"])
    copy.presignedURL = Secret("https://signed")
    #expect(copy.parameters.flattened.contains { $0 == ("PreSignedUrl", "https://signed") })
  }
}
