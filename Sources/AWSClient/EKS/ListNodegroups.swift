public import StrictJSON

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
