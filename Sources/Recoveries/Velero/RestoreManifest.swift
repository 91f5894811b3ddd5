import KubernetesClient
import Platform
import StrictJSON

/// The Restore that is asked for: pure, from the plan.
struct RestoreManifest: Sendable {
  let component: VeleroComponent
  /// From the namespaces of the backup to those they are restored to.
  let namespaces: [String: String]
  let isDrill: Bool
  /// The ConfigMap with the changes on the way; nil when there are none.
  let modifiers: String?

  /// Kinds that are never brought back: what binds the lost cluster's pods to its load balancers.
  static let alwaysExcluded = ["targetgroupbindings.elbv2.k8s.aws"]

  /// The Restore, without the marks of the run.
  func object(name: String, backup: String) -> JSONValue {
    [
      "apiVersion": "velero.io/v1", "kind": "Restore", "metadata": ["name": .string(name)],
      "spec": .object(spec(backup: backup)),
    ]
  }

  /// What an object of the backup is called in the cluster, with its namespace; nil when the restore does
  /// not ask for it.
  ///
  /// - Parameter name: with its namespace, `mosaic/api`, unless it is of the whole cluster.
  func target(of name: String, _ kind: ListedKind) -> String? {
    let included = component.filter.included
    guard included.isEmpty || included.contains(where: kind.isMeant),
      !excluded.contains(where: kind.isMeant)
    else { return nil }
    let parts = name.split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else { return clusterResources == true ? name : nil }
    return namespaces[String(parts[0])].map { "\($0)/\(parts[1])" }
  }

  /// `spec`
  func spec(backup: String) -> JSONObject {
    var spec: JSONObject = [
      "backupName": .string(backup),
      "includedNamespaces": .array(component.namespaces.map { .string($0) }),
      "existingResourcePolicy": .string(component.existing),
    ]
    let renamed = namespaces.filter { $0.key != $0.value }
    if !renamed.isEmpty {
      spec["namespaceMapping"] = .object(Self.object(renamed))
    }
    if !component.filter.included.isEmpty {
      spec["includedResources"] = .array(component.filter.included.map { .string($0) })
    }
    spec["excludedResources"] = .array(excluded.map { .string($0) })
    if !component.filter.labels.isEmpty {
      spec["labelSelector"] = ["matchLabels": .object(Self.object(component.filter.labels))]
    }
    spec["includeClusterResources"] = clusterResources.map { .bool($0) }
    spec["restorePVs"] = component.restoresVolumes.map { .bool($0) }
    spec["preserveNodePorts"] = component.keepsNodePorts.map { .bool($0) }
    spec["itemOperationTimeout"] = component.itemOperationTimeout.map {
      .string("\($0.wholeMilliseconds / 1_000)s")
    }
    if let modifiers {
      spec["resourceModifier"] = ["kind": "configmap", "name": .string(modifiers)]
    }
    return spec
  }

  private var excluded: [String] {
    var kinds = component.filter.excluded + Self.alwaysExcluded
    // Policies add up: one that is brought back could open what the drill's closes.
    if isDrill, component.drill.egress != "allow" {
      kinds.append("networkpolicies.networking.k8s.io")
    }
    return kinds.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private var clusterResources: Bool? {
    switch component.filter.clusterResources {
    case "include": isDrill && !component.drill.clusterResources ? nil : true
    case "exclude": false
    default: nil
    }
  }

  static func object(_ map: [String: String]) -> JSONObject {
    map.reduce(into: JSONObject()) { $0[$1.key] = .string($1.value) }
  }
}

/// The changes that Velero makes to objects on their way (`internal/resourcemodifiers`, version v1):
/// those of the plan, storage classes that are replaced, and a drill's.
struct ModifierRules: Sendable {
  /// How many claim templates of a StatefulSet are looked at.
  static let templates = 4

  let component: VeleroComponent
  let isDrill: Bool

  /// The rules; none when nothing is changed.
  var rules: [JSONValue] {
    component.modifiers.map(rule) + storageClassRules + (suspends ? [suspension] : [])
  }

  /// The one key of the ConfigMap: JSON is YAML too.
  func data() throws -> JSONObject {
    let document: JSONValue = ["version": "v1", "resourceModifierRules": .array(rules)]
    return [
      "modifiers.yaml": .string(String(decoding: try document.canonicalBytes(), as: UTF8.self))
    ]
  }

  private var suspends: Bool { isDrill && component.drill.suspendsCronJobs }

  private var suspension: JSONValue {
    Self.rule(
      "cronjobs.batch",
      patches: [["operation": "add", "path": "/spec/suspend", "value": "true"]])
  }

  /// Velero holds the conditions against the object as it was: of {a: b, b: c} each object gets one.
  private var storageClassRules: [JSONValue] {
    component.storageClasses.sorted { $0.key < $1.key }.flatMap { old, new in
      let places =
        [
          ("persistentvolumeclaims", "/spec/storageClassName"),
          ("persistentvolumes", "/spec/storageClassName"),
        ]
        + (0..<Self.templates).map {
          ("statefulsets.apps", "/spec/volumeClaimTemplates/\($0)/spec/storageClassName")
        }
      return places.map { kind, path in
        Self.rule(
          kind, matches: [["path": .string(path), "value": .string(old)]],
          patches: [
            ["operation": "replace", "path": .string(path), "value": .string(new)]
          ])
      }
    }
  }

  private func rule(_ modifier: VeleroModifier) -> JSONValue {
    Self.rule(
      modifier.kind, name: modifier.name, namespaces: modifier.namespaces,
      patches: modifier.patches.map { patch in
        var object: JSONObject = [
          "operation": .string(patch.operation), "path": .string(patch.path),
        ]
        object["value"] = patch.value.map { .string($0) }
        return .object(object)
      })
  }

  private static func rule(
    _ kind: String, name: String? = nil, namespaces: [String] = [], matches: [JSONValue] = [],
    patches: [JSONValue]
  ) -> JSONValue {
    var conditions: JSONObject = ["groupResource": .string(kind)]
    conditions["resourceNameRegex"] = name.map { .string($0) }
    if !namespaces.isEmpty { conditions["namespaces"] = .array(namespaces.map { .string($0) }) }
    if !matches.isEmpty { conditions["matches"] = .array(matches) }
    return ["conditions": .object(conditions), "patches": .array(patches)]
  }
}
