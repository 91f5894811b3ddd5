import Foundation
import Testing

/// Plans for the lab's cluster, and what is left of their runs.
extension Tool {
  /// Whether the lab has a Kubernetes API server.
  static var clusterIsUp: Bool {
    ProcessInfo.processInfo.environment["MOSAIC_LAB_KUBERNETES"] != nil
  }

  /// The shipped plan for a cluster, with some of its text replaced.
  ///
  /// - Parameter component: its name, by which faults are meant for this test alone.
  func clusterPlan(_ component: String, _ replacements: [String: String] = [:]) throws -> String {
    let shipped = Self.root.appending(path: "plans/eks-prod.yaml")
    var text = try String(contentsOf: shipped, encoding: .utf8)
      .replacingOccurrences(of: "name: workloads", with: "name: \(component)")
    for (old, new) in replacements { text = text.replacingOccurrences(of: old, with: new) }
    let file = folder.appending(path: "\(component).yaml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return file.path
  }

  /// One namespace, and no other checks than that workloads are ready.
  func smallClusterPlan(_ component: String, _ more: [String: String] = [:]) throws -> String {
    let small = [
      "namespaces: [mosaic, observability]": "namespaces: [mosaic]",
      ", statefulset/loki]": "]", "claims: {atLeast: 1}": "claims: {}",
    ]
    return try clusterPlan(component, small.merging(more) { $1 })
  }

  /// A namespace with a config map and one small workload.
  static let plainCluster = [
    "namespaces: [mosaic, observability]": "namespaces: [plain]",
    "- workloads: {expect: [deployment/api, deployment/worker, statefulset/loki]}":
      "- workloads: {expect: [deployment/echo]}",
    "- claims: {atLeast: 1}": "", "- services: {}": "", "- condition:": "",
    "{name: api-available, of: apps/v1/deployments, namespace: mosaic, object: api, condition: Available}":
      "",
  ]

  func fault(_ text: String) throws { _ = try lab("faults", "add", text) }

  /// Whether nothing of a run is left in the cluster.
  func clusterIsClean(of component: String) throws -> Bool {
    let run = try #require(try runs().first).suffix(10).lowercased()
    let names = try lab("kubernetes", "namespaces") + lab("kubernetes", "restores")
    return !names.contains(run)
  }

  /// How many Restores of a component the API server was asked to make.
  func veleroRestores(of component: String) throws -> Int {
    try lab("log", "--json").split(separator: "\n").filter {
      $0.contains("create /apis/velero.io/v1/namespaces/velero/restores\"")
        && $0.contains("mosaic-dr-\(component)-") && $0.contains("\"status\": 201")
    }.count
  }
}
