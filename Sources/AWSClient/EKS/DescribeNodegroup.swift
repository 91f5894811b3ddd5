public import StrictJSON

/// A group of nodes of an EKS cluster (API Reference, "Nodegroup"); fields this program reads.
public struct EKSNodegroup: Sendable, Equatable {
  /// The name.
  public let name: String
  /// `CREATING`, `ACTIVE`, `UPDATING`, `DELETING`, `CREATE_FAILED`, `DELETE_FAILED`, `DEGRADED`.
  public let status: String
  /// How many nodes there should be.
  public let desiredSize: Int64?
  /// What EKS finds wrong with it, with its code.
  public let issues: [String]
}

/// `eks:DescribeNodegroup`; `ResourceNotFoundException` when it is not there.
public struct DescribeNodegroup: RESTJSONRequest {
  public static let service = AWSService.eks
  public static let action = "DescribeNodegroup"
  public static let effect = RequestEffect.reads

  private let cluster: String
  private let name: String

  /// Creates the request.
  public init(cluster: String, name: String) {
    self.cluster = cluster
    self.name = name
  }

  public var resources: [AWSResource] { [.regional("eks", "nodegroup/\(cluster)/\(name)/*")] }

  public var input: RESTInput {
    var input = RESTInput("GET", "/clusters/{clusterName}/node-groups/{nodegroupName}")
    input.setPath("clusterName", cluster)
    input.setPath("nodegroupName", name)
    return input
  }

  public static func answer(from result: JSONValue) throws -> EKSNodegroup {
    let group = result["nodegroup"] ?? [:]
    return EKSNodegroup(
      name: try group.required("nodegroupName", of: action),
      status: try group.required("status", of: action),
      desiredSize: group["scalingConfig"]?["desiredSize"]?.integerValue,
      issues: EKSIssues.words(of: group))
  }
}

/// `eks:ListNodegroups`: the names of a cluster's groups of nodes.
public struct ListNodegroups: RESTJSONRequest {
  public static let service = AWSService.eks
  public static let action = "ListNodegroups"
  public static let effect = RequestEffect.reads

  private let cluster: String

  /// Creates the request.
  public init(cluster: String) { self.cluster = cluster }

  public var resources: [AWSResource] { [.regional("eks", "cluster/\(cluster)")] }

  public var input: RESTInput {
    var input = RESTInput("GET", "/clusters/{clusterName}/node-groups")
    input.setPath("clusterName", cluster)
    return input
  }

  public static func answer(from result: JSONValue) throws -> [String] {
    (result["nodegroups"]?.arrayValue ?? []).compactMap(\.stringValue)
  }
}

/// What EKS finds wrong (API Reference, "Issue" and "AddonIssue").
enum EKSIssues {
  static func words(of object: JSONValue) -> [String] {
    (object["health"]?["issues"]?.arrayValue ?? []).map { issue in
      [issue.string("code"), issue.string("message")].compactMap { $0 }.joined(separator: ": ")
    }
  }
}
