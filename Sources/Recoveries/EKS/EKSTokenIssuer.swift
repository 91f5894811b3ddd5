import AWSClient
import Cryptography
import HTTPClient
import KubernetesClient
import Platform

/// Makes the tokens by which EKS knows an AWS identity: a signed URL of `sts:GetCallerIdentity` that
/// names the cluster (aws-iam-authenticator, `pkg/token`).
struct EKSTokenIssuer: BearerTokenIssuer {
  /// How long the signature is good for by its own word; EKS takes a token for fifteen minutes.
  static let expires: Duration = .seconds(60)
  /// When a new one is made.
  static let lifetime: Duration = .seconds(14 * 60)
  static let prefix = "k8s-aws-v1."
  /// The header field that ties the token to one cluster.
  static let clusterHeader = "x-k8s-aws-id"

  let aws: AWSClient
  let cluster: String
  let region: String
  let time: any TimeSource

  func token() async throws -> (token: Secret<String>, renewAt: Timestamp) {
    let url = try await aws.presigned(
      Self.request(endpoint: aws.settings.endpoint(of: .sts, in: region), cluster: cluster),
      for: .sts, in: region, expires: Self.expires)
    return (Secret(Self.token(of: url)), time.now().wall + Self.lifetime)
  }

  /// The request that is signed and never sent by us.
  static func request(endpoint: String, cluster: String) -> HTTPRequest {
    HTTPRequest(
      method: "GET", url: "\(endpoint)?Action=GetCallerIdentity&Version=2011-06-15",
      headers: [HTTPHeader(clusterHeader, cluster)])
  }

  /// Base 64 for URLs, without padding.
  static func token(of url: String) -> String {
    let encoded = Base64.encode(Array(url.utf8)).compactMap { character -> Character? in
      switch character {
      case "+": "-"
      case "/": "_"
      case "=": nil
      default: character
      }
    }
    return prefix + String(encoded)
  }
}
