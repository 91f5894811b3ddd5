import Foundation
import HTTPClient
import Platform
import StrictJSON
import Testing

@testable import AWSClient

/// AWS's published Signature Version 4 test suite, all cases; what botocore's signers give for further
/// requests, header and URL, with and without session tokens, S3's way too; see Vectors/make_vectors.py.
@Suite struct SignatureVectorTests {
  private static let moment = Timestamp("2015-08-30T12:36:00Z")
  private static let secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

  private static func vectors(_ name: String) throws -> JSONValue {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "Vectors/\(name)")
    return try JSONValue(parsing: Array(Data(contentsOf: file)))
  }

  private func credentials(_ token: String?) -> AWSCredentials {
    AWSCredentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: Self.secret,
      sessionToken: token.map { Secret($0) }, source: "test")
  }

  /// A request as the suite writes it: a request line, header fields (some folded), a body.
  private func parse(_ text: String) -> HTTPRequest {
    let parts = text.components(separatedBy: "\n\n")
    var lines = parts[0].components(separatedBy: "\n")
    let line = lines.removeFirst()
    let method = String(line.prefix { $0 != " " })
    let target = line.dropFirst(method.count + 1).dropLast(" HTTP/1.1".count)
    var headers: [HTTPHeader] = []
    for line in lines where !line.isEmpty {
      if line.hasPrefix(" "), let last = headers.popLast() {
        headers.append(HTTPHeader(last.name, "\(last.value) \(line)"))
      } else if let colon = line.firstIndex(of: ":") {
        headers.append(
          HTTPHeader(String(line[..<colon]), String(line[line.index(after: colon)...])))
      }
    }
    return HTTPRequest(
      method: method, url: "https://example.amazonaws.com\(target)", headers: headers,
      body: Array((parts.count > 1 ? parts[1] : "").utf8))
  }

  @Test func everyPublishedCaseHasItsCanonicalRequestItsStringToSignAndItsSignature() throws {
    let moment = try #require(Self.moment)
    let cases = try #require(Self.vectors("signatures.json")["published"]?.arrayValue)
    #expect(cases.count == 34)
    for vector in cases {
      let name = try vector.required("name", of: "vector")
      var request = parse(try vector.required("request", of: name))
      // The suite's requests carry the date already, and sometimes the token that is signed.
      let token = vector.string("canonical")?.split(separator: "\n")
        .first { $0.hasPrefix("x-amz-security-token:") }?.dropFirst("x-amz-security-token:".count)
      request.headers.removeAll {
        ["x-amz-date", "x-amz-security-token"].contains($0.name.lowercased())
      }
      let signer = RequestSigner(
        credentials: credentials(token.map(String.init)), region: "us-east-1",
        signingName: "service")
      let signed = signer.sign(request, at: moment)
      let address = RequestAddress(request.url)
      let canonical = signer.canonicalRequest(
        signed, SignedFields(signed.headers), to: address, query: address.canonicalQuery)
      #expect(String(decoding: canonical, as: UTF8.self) == vector.string("canonical"), "\(name)")
      let text = signer.stringToSign(canonical, signer.scope(at: moment))
      #expect(String(decoding: text, as: UTF8.self) == vector.string("to_sign"), "\(name)")
      #expect(
        signed.headers.value(of: "Authorization") == vector.string("authorization"), "\(name)")
    }
  }

  @Test func everySignatureIsBotocores() throws {
    let moment = try #require(Self.moment)
    let cases = try #require(Self.vectors("signatures.json")["derived"]?.arrayValue)
    #expect(cases.count == 24)
    for vector in cases {
      let url = try vector.required("url", of: "vector")
      let headers = (vector["headers"]?.objectValue ?? [:]).members.map {
        HTTPHeader($0.key, $0.value.stringValue ?? "")
      }
      let request = HTTPRequest(
        method: try vector.required("method", of: url), url: url, headers: headers,
        body: Array((vector.string("body") ?? "").utf8))
      let service = try vector.required("service", of: url)
      let signer = RequestSigner(
        credentials: credentials(vector.string("token")), region: "us-west-2",
        service: AWSService(service, endpointPrefix: service, wire: .restXML))
      #expect(
        signer.sign(request, at: moment).headers.value(of: "Authorization")
          == vector.string("authorization"), "\(url)")
      if let expected = vector.string("signed_url") {
        let presigned = signer.presign(request, at: moment, expires: .seconds(900))
        #expect(signature(presigned) == signature(expected), "\(url)")
      }
    }
  }

  private func signature(_ url: String) -> String? {
    RequestAddress(url).query.split(separator: "&").first { $0.hasPrefix("X-Amz-Signature=") }
      .map { String($0.dropFirst("X-Amz-Signature=".count)) }
  }

  /// Signatures in URLs of AWS's current suite (aws-c-auth, tests/aws-signing-test-suite/v4).
  @Test(
    arguments: [
      (
        "/", [], "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
        "7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c", true
      ),
      (
        "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", [], nil,
        "c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787", true
      ),
      (
        "/?ሴ=bar", [], nil,
        "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600", true
      ),
      (
        "/", [HTTPHeader("My-Header1", " value1"), HTTPHeader("My-Header2", " \"a   b   c\"")], nil,
        "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4", true
      ),
      (
        "/./", [], nil,
        "a9b13e8f3484d9505bf1a6f347219f8f35b0fe8f128ceea597efc146a3dfe90c", false
      ),
    ] as [(String, [HTTPHeader], String?, String, Bool)])
  func signedURLsAreThoseOfTheSuite(
    target: String, headers: [HTTPHeader], token: String?, expected: String, normalizes: Bool
  ) throws {
    let signer = RequestSigner(
      credentials: credentials(token), region: "us-east-1", signingName: "service",
      pathRule: normalizes ? .normalizedAndEncodedTwice : .encodedTwice)
    let url = signer.presign(
      HTTPRequest(
        method: "GET", url: "https://example.amazonaws.com\(target)", headers: headers),
      at: try #require(Self.moment), expires: .seconds(3_600))
    #expect(signature(url) == expected)
  }

  @Test func aSignedURLEndsWithTheCredentialsThatSignedIt() throws {
    let moment = try #require(Self.moment)
    let short = AWSCredentials(
      accessKeyID: "A", secretAccessKey: Self.secret, expiration: moment + .seconds(90),
      source: "test")
    let url = RequestSigner(credentials: short, region: "r", service: .s3).presign(
      HTTPRequest(method: "GET", url: "https://h/"), at: moment, expires: .seconds(1 << 30))
    #expect(url.contains("X-Amz-Expires=90&"))
  }

  @Test func endpointsAreThoseOfBotocoresRules() throws {
    let services: [String: AWSService] = Dictionary(
      [
        .rds, .sts, .iam, .cloudWatch, .ec2, .kms, .secretsManager, .ssm, .serviceQuotas, .eks,
        .backup, .route53,
      ].map { ($0.commandName, $0) } + [("s3", .s3)], uniquingKeysWith: { first, _ in first })
    let rows = try #require(Self.vectors("endpoints.json").arrayValue)
    #expect(rows.count > 400)
    for row in rows {
      let name = try row.required("service", of: "vector")
      let region = try row.required("region", of: name)
      let service = try #require(services[name])
      let rules = EndpointRules(
        usesFIPS: row.flag("fips") ?? false, usesDualStack: row.flag("dual") ?? false)
      #expect("https://\(rules.host(of: service, in: region))" == row.string("url"), "\(row)")
      let signing = row.string("signing_region") ?? region
      #expect(EndpointRules.signingRegion(of: service, in: region) == signing, "\(row)")
    }
  }
}
