import StrictJSON

/// A right that a caller needs, as an access rule (RBAC) grants it.
public struct AccessRule: Sendable, Hashable, Codable {
  /// The API group; empty for the core.
  public let group: String
  /// The plural name of the kind.
  public let resource: String
  /// What is done.
  public let verb: KubernetesRequest.Verb
  /// Where; nil for the whole cluster.
  public let namespace: String?

  /// Creates a rule.
  public init(_ verb: KubernetesRequest.Verb, _ resource: KubernetesResource, in namespace: String?)
  {
    self.verb = verb
    self.resource = resource.plural
    group = resource.group
    self.namespace = namespace
  }

  /// The rule in words: `create restores.velero.io in velero`.
  public var shown: String {
    let kind = group.isEmpty ? resource : "\(resource).\(group)"
    return "\(verb.rawValue) \(kind)" + (namespace.map { " in \($0)" } ?? "")
  }
}

extension KubernetesClient {
  /// Whether the server would permit it (SelfSubjectAccessReview, authorization.k8s.io/v1), and its
  /// reason.
  public func may(
    _ rule: AccessRule, log: KubernetesCallLog? = nil
  ) async throws -> (isAllowed: Bool, reason: String) {
    var attributes: JSONObject = [
      "verb": .string(rule.verb.rawValue), "group": .string(rule.group),
      "resource": .string(rule.resource),
    ]
    attributes["namespace"] = rule.namespace.map { .string($0) }
    let review = try await send(
      KubernetesRequest(
        .create, .accessReviews, nil, in: nil,
        body: [
          "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
          "spec": ["resourceAttributes": .object(attributes)],
        ], contentType: "application/json", mayBeRepeated: true), log: log)
    return (
      review.at("status", "allowed")?.boolValue ?? false,
      review.at("status", "reason")?.stringValue ?? ""
    )
  }

  /// The server's version: `v1.33.1-eks-1a2b3c`.
  public func serverVersion(log: KubernetesCallLog? = nil) async throws -> String {
    let answer = try JSONValue(parsing: try await read(path: "/version", log: log))
    return answer["gitVersion"]?.stringValue ?? ""
  }
}
