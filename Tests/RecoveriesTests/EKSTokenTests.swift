import AWSClient
import Foundation
import HTTPClient
import Platform
import Testing

@testable import Recoveries

/// Tokens for EKS have the form that aws-iam-authenticator makes and its server takes (`pkg/token`).
@Suite struct EKSTokenTests {
  private struct StillTime: TimeSource {
    static let start = Timestamp(unixSeconds: 1_767_323_045)
    func now() -> ClockReading { ClockReading(wall: Self.start, sinceBoot: 1) }
    func sleep(for duration: Duration) async throws {}
  }

  private struct FixedCredentials: CredentialProvider {
    let sessionToken: String?
    func credentials() async throws -> AWSCredentials? {
      AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("s"),
        sessionToken: sessionToken.map { Secret($0) }, source: "test")
    }
  }

  private func issuer(
    of cluster: String, in region: String = "us-west-2", session: String? = nil
  ) throws -> EKSTokenIssuer {
    EKSTokenIssuer(
      aws: AWSClient(
        settings: try AWSSettings(environment: ["HOME": "/absent"]), http: HTTPClient(),
        credentials: FixedCredentials(sessionToken: session), time: StillTime(),
        random: SystemRandom(), version: "0"),
      cluster: cluster, region: region, time: StillTime())
  }

  private func url(in token: String) throws -> URLComponents {
    let text = token.dropFirst("k8s-aws-v1.".count)
      .replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
    let data = try #require(Data(base64Encoded: padded))
    return try #require(URLComponents(string: String(decoding: data, as: UTF8.self)))
  }

  @Test(arguments: [nil, "SESSION/TOKEN+EX=="] as [String?])
  func aTokenIsASignedQuestionForTheCallersIdentity(session: String?) async throws {
    let (secret, renewAt) = try await issuer(of: "prod-dr", session: session).token()
    let token = secret.reveal()
    #expect(token.hasPrefix("k8s-aws-v1."))
    #expect(!token.contains("="))
    #expect(token.utf8.count <= 4_096)
    #expect(renewAt == StillTime.start + .seconds(14 * 60))
    let url = try url(in: token)
    #expect(url.scheme == "https")
    #expect(url.host == "sts.us-west-2.amazonaws.com")
    #expect(url.path == "/")
    let items = url.queryItems ?? []
    let values = Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $0 + $1 })
    #expect(values.count == items.count)
    var expected: Set<String> = [
      "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
      "X-Amz-SignedHeaders", "X-Amz-Signature",
    ]
    if session != nil { expected.insert("X-Amz-Security-Token") }
    #expect(Set(values.keys) == expected)
    #expect(values["Action"] == "GetCallerIdentity")
    #expect(values["X-Amz-Expires"] == "60")
    #expect(values["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id")
    #expect(values["X-Amz-Credential"] == "AKIDEXAMPLE/20260102/us-west-2/sts/aws4_request")
    #expect(values["X-Amz-Security-Token"] == session)
  }

  /// The name stands in no field, only under the signature: whoever verifies puts in the own one.
  @Test func theClustersNameIsSigned() async throws {
    var signatures: Set<String> = []
    for cluster in ["prod-dr", "prod-dr2"] {
      let url = try url(in: try await issuer(of: cluster).token().token.reveal())
      #expect(!(url.string ?? "").contains(cluster))
      signatures.insert(
        try #require(url.queryItems?.first { $0.name == "X-Amz-Signature" }?.value))
    }
    #expect(signatures.count == 2)
  }

  @Test func chinasEndpointIsItsOwn() async throws {
    let token = try await issuer(of: "prod-dr", in: "cn-north-1").token().token.reveal()
    #expect(try url(in: token).host == "sts.cn-north-1.amazonaws.com.cn")
  }
}
