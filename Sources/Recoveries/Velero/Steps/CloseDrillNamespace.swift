import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Keeps the pods of a drill's namespace from reaching anything they should not: a NetworkPolicy. It
/// goes with the namespace.
struct CloseDrillNamespace: ObjectMaking {
  typealias Output = ObjectIdentity

  static let kind = "velero.drill-isolation"
  static let phase = StepPhase.recover

  let access: ClusterAccess
  let namespace: String
  /// `internal` or `deny`.
  let policy: String

  var resource: KubernetesResource { .networkPolicies }
  var space: String? { namespace }
  var ruledSpace: String? { nil }
  var name: String { "mosaic-dr-drill" }
  var made: String { "network policy \(namespace)/\(name) in \(access.target.shown)" }
  var summary: String {
    policy == "deny"
      ? "let \(namespace) reach nothing" : "let \(namespace) reach the drill and DNS alone"
  }

  func object(_ context: StepContext) throws -> JSONValue {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
      "metadata": ["name": .string(name)],
      "spec": .object(Self.spec(policy, run: context.run)),
    ]
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
}
