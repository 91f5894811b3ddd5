import Cryptography
import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Makes a namespace for a drill before anything is restored into it, so that it is this run's by
/// its own mark, and closed before the first pod starts.
struct CreateDrillNamespace: RemovableStep {
  typealias Identity = ObjectIdentity
  typealias Output = ObjectIdentity

  static let kind = "velero.drill-namespace"
  static let phase = StepPhase.recover

  struct Intent: Codable, Sendable {
    let name: String
    let labels: [String: String]
    let step: String
    let requestDigest: String
  }

  let access: ClusterAccess
  let name: String
  let labels: [String: String]

  var summary: String { "make namespace \(name)" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete namespace \(name)" }
  var made: String { "namespace \(name) in \(access.target.shown)" }
  var cost: String {
    "Its pods take room on nodes, and its volumes and load balancers are billed, until it is deleted."
  }
  var appearsWithin: Duration { .seconds(10) }
  var calls: [PlannedCall] {
    [
      access.plan(.create, .namespaces, in: nil, name),
      access.plan(.get, .namespaces, in: nil, name),
    ]
  }
  var removalCalls: [PlannedCall] {
    [
      access.plan(.get, .namespaces, in: nil, name),
      access.plan(.delete, .namespaces, in: nil, name), access.plan(.list, .volumes, in: nil),
    ]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let digest = SHA256.digest(
      of: try JSONValue(encoding: ["name": name].merging(labels) { $1 }).canonicalBytes()
    ).hex
    return Intent(name: name, labels: labels, step: context.step, requestDigest: digest)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<ObjectIdentity> {
    ObjectOwnership.judge(
      try await access.find(.namespaces, intent.name, in: nil, context), run: context.run,
      step: intent.step, requestDigest: intent.requestDigest, what: made)
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> ObjectIdentity {
    var marks = RestoreManifest.object(intent.labels)
    for (key, value) in ObjectOwnership.labels(context).members { marks[key] = value }
    let object = try await access.send(
      .create(
        .namespaces,
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": [
            "name": .string(intent.name), "labels": .object(marks),
            "annotations": .object(
              ObjectOwnership.annotations(context, requestDigest: intent.requestDigest)),
          ],
        ], in: nil), context)
    return ObjectIdentity(name: object.objectName, uid: object.objectUID)
  }

  func observe(
    _ intent: Intent, _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<ObjectIdentity> { .ready(identity) }

  func unchanged(_ context: StepContext) async throws -> ObjectIdentity {
    ObjectIdentity(name: name, uid: "")
  }

  /// A namespace is gone only when its volumes are: those are billed on.
  func remove(
    _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    let end = try await access.remove(.namespaces, identity, in: nil, what: made, context)
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
