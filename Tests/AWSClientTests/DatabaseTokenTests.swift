import HTTPClient
import Platform
import Testing

@testable import AWSClient

@Suite struct DatabaseTokenTests {
  /// What botocore 1.43.11 gives for the same (`rds.generate_db_auth_token`, at a fixed moment).
  @Test func aTokenIsTheOneThatBotocoreGives() throws {
    let credentials = AWSCredentials(
      accessKeyID: "AKIDEXAMPLE",
      secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      sessionToken: Secret("token/with+signs=="), source: "test")
    let signer = RequestSigner(
      credentials: credentials, region: "us-west-2", service: .rdsDatabase)
    let request = DatabaseToken.request(
      host: "core.abc.us-west-2.rds.amazonaws.com", port: 5_432, user: "mosaic dr+1")
    let url = signer.presign(
      request, at: try #require(Timestamp("2026-11-24T03:00:00Z")),
      expires: DatabaseToken.lifetime)
    #expect(
      DatabaseToken.withoutScheme(url)
        == "core.abc.us-west-2.rds.amazonaws.com:5432/?Action=connect&DBUser=mosaic%20dr%2B1"
        + "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Fus-west-2"
        + "%2Frds-db%2Faws4_request&X-Amz-Date=20261124T030000Z&X-Amz-Expires=900"
        + "&X-Amz-SignedHeaders=host&X-Amz-Security-Token=token%2Fwith%2Bsigns%3D%3D"
        + "&X-Amz-Signature=339ba807db91308500450673062862d8596b8261a1f65417385a8cafe0ae359d")
  }
}
