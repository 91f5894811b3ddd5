/// A kind of object, as paths and access rules name it.
public struct KubernetesResource: Sendable, Hashable, CustomStringConvertible {
  /// The API group; empty for the core.
  public let group: String
  /// The version.
  public let version: String
  /// The plural name, in lower case.
  public let plural: String

  /// Names a kind.
  public init(_ plural: String, group: String = "", version: String = "v1") {
    self.plural = plural
    self.group = group
    self.version = version
  }

  /// As kubectl takes it: `deployments.apps`.
  public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The path of its objects in a namespace, or in all or none.
  func path(namespace: String?) -> String {
    let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    return root + (namespace.map { "/namespaces/\($0)" } ?? "") + "/\(plural)"
  }

  public static let namespaces = KubernetesResource("namespaces")
  public static let nodes = KubernetesResource("nodes")
  public static let pods = KubernetesResource("pods")
  public static let services = KubernetesResource("services")
  public static let endpoints = KubernetesResource("endpoints")
  public static let events = KubernetesResource("events")
  public static let configMaps = KubernetesResource("configmaps")
  public static let claims = KubernetesResource("persistentvolumeclaims")
  public static let volumes = KubernetesResource("persistentvolumes")
  public static let deployments = KubernetesResource("deployments", group: "apps")
  public static let statefulSets = KubernetesResource("statefulsets", group: "apps")
  public static let daemonSets = KubernetesResource("daemonsets", group: "apps")
  public static let jobs = KubernetesResource("jobs", group: "batch")
  public static let storageClasses = KubernetesResource(
    "storageclasses", group: "storage.k8s.io")
  public static let ingresses = KubernetesResource("ingresses", group: "networking.k8s.io")
  public static let networkPolicies = KubernetesResource(
    "networkpolicies", group: "networking.k8s.io")
  public static let accessReviews = KubernetesResource(
    "selfsubjectaccessreviews", group: "authorization.k8s.io")
  public static let restores = velero("restores")
  public static let backups = velero("backups")
  public static let storageLocations = velero("backupstoragelocations")
  public static let downloadRequests = velero("downloadrequests")
  public static let statusRequests = velero("serverstatusrequests")
  public static let podVolumeRestores = velero("podvolumerestores")
  public static let dataDownloads = KubernetesResource(
    "datadownloads", group: "velero.io", version: "v2alpha1")

  private static func velero(_ plural: String) -> KubernetesResource {
    KubernetesResource(plural, group: "velero.io")
  }
}
