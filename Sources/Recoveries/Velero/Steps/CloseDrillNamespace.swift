import Cryptography
import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Keeps the pods of a drill's namespace from reaching anything they should not: a NetworkPolicy.
struct CloseDrillNamespace: ChangingStep {
  typealias Identity = ObjectIdentity
  typealias Output = ObjectIdentity

  static let kind = "velero.drill-isolation"
  static let phase = StepPhase.recover
  static let name = "mosaic-dr-drill"

  struct Intent: Codable, Sendable {
    let namespace: String
    let policy: String
    let step: String
    let requestDigest: String
  }

  let access: ClusterAccess
  let namespace: String
  /// `internal` or `deny`.
  let policy: String

  var summary: String {
    policy == "deny"
      ? "let \(namespace) reach nothing" : "let \(namespace) reach the drill and DNS alone"
  }
  var effects: [PlannedEffect] {
    [PlannedEffect(.creates, "network policy \(namespace)/\(Self.name) in \(access.target.shown)")]
  }
  var calls: [PlannedCall] {
    [
      access.plan(.create, .networkPolicies, in: nil),
      access.plan(.get, .networkPolicies, in: nil, Self.name),
    ]
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    Intent(
      namespace: namespace, policy: policy, step: context.step,
      requestDigest: SHA256.digest(of: Array("\(namespace) \(policy)".utf8)).hex)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<ObjectIdentity> {
    ObjectOwnership.judge(
      try await access.find(.networkPolicies, Self.name, in: intent.namespace, context),
      run: context.run, step: intent.step, requestDigest: intent.requestDigest,
      what: "network policy \(intent.namespace)/\(Self.name)")
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> ObjectIdentity {
    let object = try await access.send(
      .create(
        .networkPolicies,
        [
          "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
          "metadata": [
            "name": .string(Self.name), "labels": .object(ObjectOwnership.labels(context)),
            "annotations": .object(
              ObjectOwnership.annotations(context, requestDigest: intent.requestDigest)),
          ],
          "spec": .object(Self.spec(intent.policy, run: context.run)),
        ], in: intent.namespace), context)
    return ObjectIdentity(name: object.objectName, uid: object.objectUID)
  }

  /// An empty list of egress rules closes everything; `internal` opens the run's own namespaces, and
  /// the cluster's DNS on port 53.
  static func spec(_ policy: String, run: ULID) -> JSONObject {
    let own: JSONValue = [
      "namespaceSelector": ["matchLabels": [ObjectOwnership.run: .string(run.description)]]
    ]
    let names: JSONValue = [
      "namespaceSelector": [:], "podSelector": ["matchLabels": ["k8s-app": "kube-dns"]],
    ]
    let ports: JSONValue = [
      ["protocol": "UDP", "port": 53], ["protocol": "TCP", "port": 53],
    ]
    return [
      "podSelector": [:], "policyTypes": ["Egress"],
      "egress": policy == "deny" ? [] : [["to": [own]], ["to": [names], "ports": ports]],
    ]
  }

  func observe(
    _ intent: Intent, _ identity: ObjectIdentity, _ context: StepContext
  ) async throws -> Observation<ObjectIdentity> { .ready(identity) }

  func unchanged(_ context: StepContext) async throws -> ObjectIdentity {
    ObjectIdentity(name: Self.name, uid: "")
  }
}
