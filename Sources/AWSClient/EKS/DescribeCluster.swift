import Platform
public import StrictJSON

/// A Kubernetes cluster of EKS (API Reference, "Cluster"); fields this program reads.
public struct EKSCluster: Sendable, Equatable {
  /// The name.
  public let name: String
  /// The ARN.
  public let arn: String
  /// `CREATING`, `ACTIVE`, `DELETING`, `FAILED`, `UPDATING`, `PENDING`.
  public let status: String
  /// The Kubernetes version: `1.33`.
  public let version: String?
  /// Where its API server answers; nil while it is being made.
  public let endpoint: String?
  /// The certificate of its authority, PEM in base 64.
  public let certificateAuthority: String?
  /// The issuer of the tokens of its service accounts; another cluster has another one.
  public let issuer: String?
}

/// `eks:DescribeCluster`; `ResourceNotFoundException` when it is not there.
public struct DescribeCluster: RESTJSONRequest {
  public static let service = AWSService.eks
  public static let action = "DescribeCluster"
  public static let effect = RequestEffect.reads

  private let name: String

  /// Creates the request.
  public init(name: String) { self.name = name }

  public var input: RESTInput {
    var input = RESTInput("GET", "/clusters/{name}")
    input.setPath("name", name)
    return input
  }

  public var resources: [AWSResource] { [.regional("eks", "cluster/\(name)")] }

  public static func answer(from result: JSONValue) throws -> EKSCluster {
    let cluster = result["cluster"] ?? [:]
    return EKSCluster(
      name: try cluster.required("name", of: action), arn: try cluster.required("arn", of: action),
      status: try cluster.required("status", of: action), version: cluster.string("version"),
      endpoint: cluster.string("endpoint"),
      certificateAuthority: cluster["certificateAuthority"]?.string("data"),
      issuer: cluster["identity"]?["oidc"]?.string("issuer"))
  }
}
