import KubernetesClient
import RunEngine
import RunJournal
import StrictJSON

/// Makes the ConfigMap with the changes that Velero makes to objects on their way.
struct CreateModifiers: ObjectMaking, RemovableStep {
  typealias Output = ObjectIdentity

  static let kind = "velero.modifiers"
  static let phase = StepPhase.recover

  let access: ClusterAccess
  /// Velero's namespace.
  let namespace: String
  let name: String
  let rules: ModifierRules

  var resource: KubernetesResource { .configMaps }
  var space: String? { namespace }
  var summary: String { "write down \(rules.rules.count) changes to objects on their way" }
  var removalSummary: String { "delete config map \(name)" }
  var made: String { "config map \(namespace)/\(name) in \(access.target.shown)" }
  var cost: String { "It costs nothing." }

  var planned: JSONValue? { try? manifest() }

  func object(_ context: StepContext) throws -> JSONValue { try manifest() }

  private func manifest() throws -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)],
      "data": .object(try rules.data()),
    ]
  }
}
