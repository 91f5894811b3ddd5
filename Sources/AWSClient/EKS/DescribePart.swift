public import StrictJSON

/// A part of an EKS cluster that EKS keeps up (API Reference, "Nodegroup" and "Addon"); fields this
/// program reads.
public struct EKSPart: Sendable, Equatable {
  /// The name.
  public let name: String
  /// `CREATING`, `ACTIVE`, `UPDATING`, `DELETING`, `CREATE_FAILED`, `DELETE_FAILED`, `DEGRADED`; of an
  /// add-on also `UPDATE_FAILED`.
  public let status: String
  /// Its version.
  public let version: String?
  /// What EKS finds wrong with it, with its code.
  public let issues: [String]
}

/// What EKS calls one kind of part.
public protocol EKSPartKind: Sendable {
  /// In names of actions: `Addon`.
  static var noun: String { get }
  /// In ARNs and answers: `addon`.
  static var word: String { get }
  /// In paths: `addons`.
  static var collection: String { get }
  /// The field of an answer that holds its version.
  static var versionField: String { get }
}

/// Groups of nodes.
public enum NodegroupKind: EKSPartKind {
  public static let noun = "Nodegroup"
  public static let word = "nodegroup"
  public static let collection = "node-groups"
  public static let versionField = "version"
}

/// Add-ons.
public enum AddonKind: EKSPartKind {
  public static let noun = "Addon"
  public static let word = "addon"
  public static let collection = "addons"
  public static let versionField = "addonVersion"
}

/// `eks:DescribeNodegroup`
public typealias DescribeNodegroup = DescribePart<NodegroupKind>
/// `eks:DescribeAddon`
public typealias DescribeAddon = DescribePart<AddonKind>

/// One part of a cluster; `ResourceNotFoundException` when it is not there.
public struct DescribePart<Kind: EKSPartKind>: RESTJSONRequest {
  public static var service: AWSService { .eks }
  public static var action: String { "Describe\(Kind.noun)" }
  public static var effect: RequestEffect { .reads }

  private let cluster: String
  private let name: String

  /// Creates the request.
  public init(cluster: String, name: String) {
    self.cluster = cluster
    self.name = name
  }

  public var resources: [AWSResource] { [.regional("eks", "\(Kind.word)/\(cluster)/\(name)/*")] }

  public var input: RESTInput {
    let field = "\(Kind.word)Name"
    var input = RESTInput("GET", "/clusters/{clusterName}/\(Kind.collection)/{\(field)}")
    input.setPath("clusterName", cluster)
    input.setPath(field, name)
    return input
  }

  public static func answer(from result: JSONValue) throws -> EKSPart {
    let part = result[Kind.word] ?? [:]
    return EKSPart(
      name: try part.required("\(Kind.word)Name", of: action),
      status: try part.required("status", of: action), version: part.string(Kind.versionField),
      issues: (part["health"]?["issues"]?.arrayValue ?? []).map { issue in
        [issue.string("code"), issue.string("message")].compactMap { $0 }.joined(separator: ": ")
      })
  }
}
