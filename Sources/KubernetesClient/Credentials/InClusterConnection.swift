import Platform

extension KubernetesConnection {
  /// Where Kubernetes puts the service account of a pod.
  static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The cluster that this program runs in, as the pod's service account (Kubernetes documentation,
  /// "Accessing the Kubernetes API from a Pod"). The token is rotated, and so read again and again.
  ///
  /// - Throws: `Problem` when this is no pod.
  public static func inCluster(
    environment: [String: String], folder: String? = nil
  ) throws -> KubernetesConnection {
    let folder = folder ?? serviceAccountFolder
    guard let host = environment["KUBERNETES_SERVICE_HOST"],
      let port = environment["KUBERNETES_SERVICE_PORT"], DurableFile.exists("\(folder)/token")
    else {
      throw Problem(
        "this program does not run in a cluster", on: folder,
        because: "KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT or the token is missing",
        fix: "Name a context in the plan, or give the pod a service account.")
    }
    let namespace = try? DurableFile.read("\(folder)/namespace", limit: 1_000)
    return KubernetesConnection(
      context: "in-cluster",
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
      namespace: namespace.map { String(decoding: $0, as: UTF8.self).trimmingWhitespace() }
        ?? "default",
      authority: .file("\(folder)/ca.crt"), identity: .tokenFile("\(folder)/token"))
  }
}
