import Platform
public import RecoveryPlan
import StrictJSON

/// `eks`: a cluster of Amazon EKS, whose API server, nodes and add-ons other components need.
public struct EKSComponent: PlanObject {
  let cluster: String
  let region: String?
  let minimumVersion: String?
  let nodeGroups: [String]
  let addons: [String]
  let creation: EKSCreation?
  let longestWait: Duration

  /// Reads the fields.
  public init(from fields: FieldReader) {
    cluster = fields.required("cluster", .clusterName, "The cluster's name.")
    region = fields.optional("region", .text(upTo: 30), "Its region, if not the recovery region.")
    minimumVersion = fields.optional(
      "minimumVersion", .kubernetesVersion, "The oldest version of Kubernetes that will do: '1.31'."
    )
    nodeGroups = fields.optional(
      "nodeGroups", .list(of: .clusterName, 0...100), default: [], shownAs: [],
      "Groups of nodes that must be active; left out, every one that it has.")
    addons = fields.optional(
      "addons", .list(of: .clusterName, 0...100), default: [], shownAs: [],
      "Add-ons that must be active: [vpc-cni, coredns, aws-ebs-csi-driver].")
    creation = fields.optional(
      "create", .object(EKSCreation.self), "How it is made when it is not there.")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(3_600), shownAs: "1h",
      "The bound on the wait for the cluster.")
  }
}

extension FieldType where Value == String {
  /// A version such as `1.31`.
  static var kubernetesVersion: FieldType {
    .matching(
      "a version of Kubernetes in quotes", pattern: "^1\\.[0-9]{1,3}$", example: "'1.31'"
    ) { text in
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count == 2 && parts[0] == "1" && (1...3).contains(parts[1].count)
        && parts[1].utf8.allSatisfy(\.isDigit)
    }
  }
}
