import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Makes a namespace for a drill before anything is restored into it, so that it is this run's by
/// its own mark, and closed before the first pod starts.
struct CreateDrillNamespace: ObjectMaking, RemovableStep {
  typealias Output = ObjectIdentity

  static let kind = "velero.drill-namespace"
  static let phase = StepPhase.recover

  let access: ClusterAccess
  let name: String
  let labels: [String: String]

  var resource: KubernetesResource { .namespaces }
  var space: String? { nil }
  var summary: String { "make namespace \(name)" }
  var removalSummary: String { "delete namespace \(name)" }
  var made: String { "namespace \(name) in \(access.target.shown)" }
  var cost: String {
    "Its pods take room on nodes, and its volumes and load balancers are billed, until it is deleted."
  }
  var removalCalls: [PlannedCall] {
    [
      access.plan(.get, resource, in: nil, name), access.plan(.delete, resource, in: nil, name),
      access.plan(.list, .volumes, in: nil),
    ]
  }

  func object(_ context: StepContext) throws -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": [
        "name": .string(name), "labels": .object(RestoreManifest.object(labels)),
      ],
    ]
  }

  /// A namespace is gone only when its volumes are: those are billed on.
  func remove(
    _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    let end = try await access.remove(resource, identity, in: nil, what: made, context)
    guard case .ready = end else { return end }
    let left = try await access.list(.volumes, in: nil, context).filter {
      $0.at("spec", "claimRef", "namespace")?.stringValue == identity.name
    }
    let kept = left.filter {
      $0.at("spec", "persistentVolumeReclaimPolicy")?.stringValue == "Retain"
    }
    if let first = kept.first {
      let handle = first.at("spec", "csi", "volumeHandle")?.stringValue ?? "no handle"
      throw Problem(
        "a drill's volumes stay behind",
        on: "\(kept.count) volume(s): \(first.objectName) (\(handle))",
        because: "their StorageClass retains volumes when their claim is gone",
        fix:
          "Make sure that the volume is the drill's own, then delete it and the PersistentVolume.")
    }
    return left.isEmpty ? end : .waiting(Progress("\(left.count) volumes are being deleted"))
  }
}
