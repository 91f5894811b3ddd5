public import StrictJSON

/// An add-on of an EKS cluster (API Reference, "Addon"); fields this program reads.
public struct EKSAddon: Sendable, Equatable {
  /// The name: `vpc-cni`.
  public let name: String
  /// `CREATING`, `ACTIVE`, `CREATE_FAILED`, `UPDATING`, `DELETING`, `DELETE_FAILED`, `DEGRADED`,
  /// `UPDATE_FAILED`.
  public let status: String
  /// Its version.
  public let version: String?
  /// What EKS finds wrong with it, with its code.
  public let issues: [String]
}

/// `eks:DescribeAddon`; `ResourceNotFoundException` when it is not there.
public struct DescribeAddon: RESTJSONRequest {
  public static let service = AWSService.eks
  public static let action = "DescribeAddon"
  public static let effect = RequestEffect.reads

  private let cluster: String
  private let name: String

  /// Creates the request.
  public init(cluster: String, name: String) {
    self.cluster = cluster
    self.name = name
  }

  public var resources: [AWSResource] { [.regional("eks", "addon/\(cluster)/\(name)/*")] }

  public var input: RESTInput {
    var input = RESTInput("GET", "/clusters/{clusterName}/addons/{addonName}")
    input.setPath("clusterName", cluster)
    input.setPath("addonName", name)
    return input
  }

  public static func answer(from result: JSONValue) throws -> EKSAddon {
    let addon = result["addon"] ?? [:]
    return EKSAddon(
      name: try addon.required("addonName", of: action),
      status: try addon.required("status", of: action), version: addon.string("addonVersion"),
      issues: EKSIssues.words(of: addon))
  }
}
