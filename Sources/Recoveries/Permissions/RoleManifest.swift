public import RunEngine
public import StrictJSON

/// The least rights in a cluster for some calls, as Kubernetes RBAC writes them: a ClusterRole for what
/// is cluster-wide or in namespaces whose names belong to one run, and a Role for each other namespace.
public struct RoleManifest: Sendable {
  private let rules: [String?: [String: Set<String>]]
  private let name: String

  /// Gathers the permissions of calls.
  ///
  /// - Parameter name: the name of the roles.
  public init(allowing calls: [PlannedCall], name: String) {
    self.name = name
    var rules: [String?: [String: Set<String>]] = [:]
    for permission in Set(calls.flatMap(\.permissions)) where permission.authority == .kubernetes {
      for resource in permission.resources {
        rules[permission.namespace, default: [:]][resource, default: []].insert(permission.action)
      }
    }
    self.rules = rules
  }

  /// Whether nothing is asked of Kubernetes.
  public var isEmpty: Bool { rules.isEmpty }

  /// A List that `kubectl apply -f` takes; sorted, so that the same plan gives the same text.
  public var json: JSONValue {
    ["apiVersion": "v1", "kind": "List", "items": .array(namespaces.map(role))]
  }

  /// The roles, each with its binding to a service account.
  public func bound(to account: String, in namespace: String) -> [JSONValue] {
    namespaces.flatMap { [role($0), binding($0, to: account, in: namespace)] }
  }

  private var namespaces: [String?] { rules.keys.sorted { ($0 ?? "") < ($1 ?? "") } }

  private func binding(_ scope: String?, to account: String, in namespace: String) -> JSONValue {
    [
      "apiVersion": "rbac.authorization.k8s.io/v1",
      "kind": scope == nil ? "ClusterRoleBinding" : "RoleBinding", "metadata": metadata(scope),
      "roleRef": [
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": scope == nil ? "ClusterRole" : "Role", "name": .string(name),
      ],
      "subjects": [
        [
          "kind": "ServiceAccount", "name": .string(account), "namespace": .string(namespace),
        ]
      ],
    ]
  }

  private func metadata(_ namespace: String?) -> JSONValue {
    var metadata: JSONObject = ["name": .string(name)]
    metadata["namespace"] = namespace.map { .string($0) }
    return .object(metadata)
  }

  private func role(_ namespace: String?) -> JSONValue {
    // Resources of one group with the same verbs stand in one rule.
    var groups: [Key: [String]] = [:]
    for (resource, verbs) in rules[namespace] ?? [:] {
      let parts = resource.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      groups[Key(group: parts[0], verbs: verbs.sorted()), default: []].append(parts[1])
    }
    let sorted = groups.sorted {
      ($0.key.group, $0.value.min() ?? "") < ($1.key.group, $1.value.min() ?? "")
    }
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1",
      "kind": namespace == nil ? "ClusterRole" : "Role", "metadata": metadata(namespace),
      "rules": .array(
        sorted.map { key, resources in
          [
            "apiGroups": [.string(key.group)],
            "resources": .array(resources.sorted().map { .string($0) }),
            "verbs": .array(key.verbs.map { .string($0) }),
          ]
        }),
    ]
  }

  private struct Key: Hashable {
    let group: String
    let verbs: [String]
  }
}
