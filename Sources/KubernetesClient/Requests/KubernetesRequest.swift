import Platform
public import StrictJSON

/// One request to the API server.
public struct KubernetesRequest: Sendable {
  /// What is asked, as access rules name it.
  public enum Verb: String, Sendable, Codable {
    case get, list, watch, create, patch, delete
  }

  /// Who this program is in `managedFields`.
  public static let fieldManager = "mosaic-dr"

  /// What is asked.
  public let verb: Verb
  /// Of which kind of object.
  public let resource: KubernetesResource
  /// In which namespace; nil for all, or for objects that have none.
  public let namespace: String?
  /// Of which object; nil for all, or one that is made.
  public let name: String?
  let query: [(name: String, value: String)]
  let body: JSONValue?
  let contentType: String?
  /// Whether the request may be sent again although it is not known what came of it.
  let mayBeRepeated: Bool

  /// Reads an object.
  public static func get(
    _ resource: KubernetesResource, _ name: String, in namespace: String?
  ) -> KubernetesRequest {
    KubernetesRequest(.get, resource, name, in: namespace)
  }

  /// Makes an object, once.
  ///
  /// A field that the server does not know is refused, where it can do that (1.25 and later): a wish
  /// that is dropped in silence is worse than an error.
  public static func create(
    _ resource: KubernetesResource, _ object: JSONValue, in namespace: String?,
    isDryRun: Bool = false
  ) -> KubernetesRequest {
    KubernetesRequest(
      .create, resource, nil, in: namespace,
      query: [("fieldManager", fieldManager), ("fieldValidation", "Strict")] + dryRun(isDryRun),
      body: object, contentType: "application/json")
  }

  /// Makes an object, or brings the fields it names to their values (server-side apply).
  ///
  /// - Parameter takesOver: whether fields that another manager owns are taken over.
  public static func apply(
    _ resource: KubernetesResource, _ name: String, _ object: JSONValue, in namespace: String?,
    takesOver: Bool = false, isDryRun: Bool = false
  ) -> KubernetesRequest {
    KubernetesRequest(
      .patch, resource, name, in: namespace,
      query: [("fieldManager", fieldManager), ("force", "\(takesOver)")] + dryRun(isDryRun),
      body: object, contentType: "application/apply-patch+yaml", mayBeRepeated: true)
  }

  /// Changes fields of an object (RFC 7396). With `metadata.resourceVersion` in the patch it is
  /// refused when the object has changed since.
  public static func merge(
    _ resource: KubernetesResource, _ name: String, _ patch: JSONValue, in namespace: String?
  ) -> KubernetesRequest {
    KubernetesRequest(
      .patch, resource, name, in: namespace, query: [("fieldManager", fieldManager)], body: patch,
      contentType: "application/merge-patch+json", mayBeRepeated: true)
  }

  /// Deletes an object, if it is still the one with that identity; what it owns goes after it.
  public static func delete(
    _ resource: KubernetesResource, _ name: String, in namespace: String?, uid: String,
    isDryRun: Bool = false
  ) -> KubernetesRequest {
    var options: JSONObject = [
      "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
      "preconditions": ["uid": .string(uid)],
    ]
    // With a body, the server takes no notice of the query.
    if isDryRun { options["dryRun"] = ["All"] }
    return KubernetesRequest(
      .delete, resource, name, in: namespace, body: .object(options),
      contentType: "application/json", mayBeRepeated: true)
  }

  init(
    _ verb: Verb, _ resource: KubernetesResource, _ name: String?, in namespace: String?,
    query: [(name: String, value: String)] = [], body: JSONValue? = nil,
    contentType: String? = nil, mayBeRepeated: Bool? = nil
  ) {
    self.verb = verb
    self.resource = resource
    self.name = name
    self.namespace = namespace
    self.query = query
    self.body = body
    self.contentType = contentType
    self.mayBeRepeated = mayBeRepeated ?? [.get, .list, .watch].contains(verb)
  }

  private static func dryRun(_ isDryRun: Bool) -> [(name: String, value: String)] {
    isDryRun ? [("dryRun", "All")] : []
  }

  var method: String {
    switch verb {
    case .get, .list, .watch: "GET"
    case .create: "POST"
    case .patch: "PATCH"
    case .delete: "DELETE"
    }
  }

  /// Path and query.
  var target: String {
    let path = resource.path(namespace: namespace) + (name.map { "/\(Self.encode($0))" } ?? "")
    guard !query.isEmpty else { return path }
    return path + "?"
      + query.map { "\($0.name)=\(Self.encode($0.value))" }.joined(separator: "&")
  }

  /// The request in words: `create restores.velero.io velero/app`.
  public var shown: String {
    let object = [namespace, name].compactMap { $0 }.joined(separator: "/")
    return "\(verb.rawValue) \(resource)\(object.isEmpty ? "" : " \(object)")"
  }

  /// RFC 3986: everything but the unreserved characters.
  private static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(byte)
      default: encoded += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}
