import HTTPClient
import Platform
import Testing

@testable import AWSClient

/// Cases of AWS's published Signature Version 4 test suite.
@Suite struct SignerTests {
  private func signature(_ method: String, _ url: String, token: String? = nil) throws -> String {
    let credentials = AWSCredentials(
      accessKeyID: "AKIDEXAMPLE",
      secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      sessionToken: token.map { Secret($0) }, source: "test")
    let moment = try #require(Timestamp("2015-08-30T12:36:00Z"))
    let signed = RequestSigner(
      credentials: credentials, region: "us-east-1", signingName: "service"
    )
    .sign(HTTPRequest(method: method, url: url), at: moment)
    let header = try #require(signed.headers.value(of: "Authorization"))
    return String(header.suffix(64))
  }

  @Test func vanilla() throws {
    #expect(
      try signature("GET", "https://example.amazonaws.com/")
        == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
    #expect(
      try signature("POST", "https://example.amazonaws.com/")
        == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")
  }

  @Test func queryIsSorted() throws {
    #expect(
      try signature("GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1")
        == "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")
  }

  /// Whatever was signed before: of all that a signature depends on, little changes from one to the next.
  @Test func whatIsRememberedSignsAsAnew() throws {
    let seed = SystemRandom().next()
    let random = SeededRandom(seed: seed)
    let memory = SigningMemory()
    let choices = [
      ["AKID", "ASIA"], ["one", "two"], ["", "token", "other"],
      ["2026-11-24T23:59:59Z", "2026-11-24T23:59:59.9Z", "2026-11-25T00:00:00Z"],
      ["us-east-1", "us-west-2"], ["s3", "rds"], ["1", "2", "e\u{301}", "\u{e9}"], ["a", "b"],
    ]
    var picks = choices.map { $0[0] }
    for _ in 0..<2_000 {
      let place = Int(random.next() % UInt64(picks.count))
      picks[place] = choices[place][Int(random.next() % UInt64(choices[place].count))]
      let credentials = AWSCredentials(
        accessKeyID: picks[0], secretAccessKey: Secret(picks[1]),
        sessionToken: picks[2].isEmpty ? nil : Secret(picks[2]), source: "test")
      let request = HTTPRequest(
        method: "GET", url: "https://\(picks[4]).example.com/\(picks[7])",
        headers: [HTTPHeader("X-A", picks[6])])
      let at = try #require(Timestamp(picks[3]))
      let kept = RequestSigner(
        credentials: credentials, region: picks[4], signingName: picks[5], memory: memory
      ).sign(request, at: at)
      let new = RequestSigner(
        credentials: credentials, region: picks[4], signingName: picks[5]
      ).sign(request, at: at)
      #expect(kept.headers == new.headers, "\(picks), seed \(seed)")
    }
  }

  @Test func pathIsNormalizedAndEncodedTwice() {
    let address = RequestAddress("https://h/a/./b/../arn%3Aaws//c/")
    #expect(address.canonicalPath(.normalizedAndEncodedTwice) == "/a/arn%253Aaws/c/")
    #expect(address.canonicalPath(.verbatim) == "/a/./b/../arn%3Aaws//c/")
    #expect(RequestAddress("https://h?versions&b=%2f").canonicalQuery == "b=%2F&versions=")
  }

  @Test func requestsHaveAWireFormAndACommandLineForm() {
    let request = DeleteDBInstance(identifier: "copy")
    #expect(
      request.parameters.flattened.map { "\($0.name)=\($0.value)" } == [
        "DBInstanceIdentifier=copy", "SkipFinalSnapshot=true", "DeleteAutomatedBackups=true",
      ])
    #expect(
      request.commandLine(region: "us-west-2").joined(separator: " ")
        == "aws rds delete-db-instance --region us-west-2 --db-instance-identifier copy "
        + "--skip-final-snapshot --delete-automated-backups")
  }

  @Test func answersThatAreAttacksAreRefused() {
    let deep = String(repeating: "<a>", count: 10_000)
    for text in [
      "", "<a>", "<a></b>", deep, "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "plain",
    ] {
      #expect(throws: Problem.self) { try XMLReader.read(Array(text.utf8)) }
    }
  }
}
