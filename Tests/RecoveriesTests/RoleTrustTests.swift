import AWSClient
import HTTPClient
import Platform
import Testing

/// Whom a role lets take it on, as IAM answers.
@Suite struct RoleTrustTests {
  private func services(_ statement: String) throws -> Set<String> {
    let policy = PercentEncoding.encode(
      "{\"Version\": \"2012-10-17\", \"Statement\": \(statement)}")
    let text = """
      <GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><RoleName>r</RoleName>
      <AssumeRolePolicyDocument>\(policy)</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>
      """
    return try GetRole.read(HTTPAnswer(status: 200, headers: [], body: Array(text.utf8))).services
  }

  @Test func servicesAreReadFromEveryForm() throws {
    let one =
      #"{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}"#
    #expect(try services(one) == ["s3.amazonaws.com"])
    let two = """
      [{"Effect": "Allow", "Principal": {"Service": ["s3.amazonaws.com", "batchoperations.s3.amazonaws.com"]},
        "Action": ["sts:TagSession", "STS:AssumeRole"]}]
      """
    #expect(try services(two) == ["s3.amazonaws.com", "batchoperations.s3.amazonaws.com"])
  }

  @Test func whatIsDeniedOrAnotherActionLetsNobodyIn() throws {
    for statement in [
      #"[{"Effect": "Deny", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}]"#,
      #"[{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:TagSession"}]"#,
      #"[{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "sts:AssumeRole"}]"#,
      "[]",
    ] { #expect(try services(statement) == [], "\(statement)") }
  }

  @Test func aRoleIsAskedForByItsNameAlone() {
    let words = GetRole(arn: "arn:aws:iam::123456789012:role/service/replication").commandLine(
      region: "us-east-1")
    #expect(words.suffix(2) == ["--role-name", "replication"])
  }
}
