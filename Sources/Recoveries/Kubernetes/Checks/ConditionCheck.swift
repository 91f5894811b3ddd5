import KubernetesClient
import Platform
import PositionedYAML
import RecoveryPlan
import RunEngine
import StrictJSON

/// `condition`: a field of an object must have a value, as `kubectl wait --for` asks it.
struct ConditionCheck: ClusterCheck {
  let resource: KubernetesResource
  let object: String
  let namespace: String?
  let condition: String?
  let path: [String]
  let expectation: Expectation
  let longestWait: Duration

  init(from fields: FieldReader) {
    _ = fields.optional("name", .label(), "The check's name, unique in the component.")
    resource = fields.required(
      "of", .apiResource, "The kind of object: apps/v1/deployments, v1/services.")
    object = fields.required("object", .text(upTo: 253), "The object's name.")
    namespace = fields.optional(
      "namespace", .kubernetesName,
      "Its namespace as the backup has it; left out for objects of the whole cluster.")
    condition = fields.optional(
      "condition", .text(upTo: 100), "The type of a condition, whose status is meant: Available.")
    path = fields.optional(
      "path", .fieldPath, default: [], shownAs: [], "A field: status.readyReplicas.")
    expectation = fields.optional(
      "expect", .expectation, default: Expectation(samples: "True"), shownAs: "True",
      "What the value must be: True, '>= 3'.")
    fields.exactlyOne(of: ["condition", "path"], "what is looked at")
    longestWait = fields.optional(
      "timeout", .duration, default: .seconds(900), shownAs: "15m",
      "The bound on the wait; then the check has failed.")
  }

  var summary: String {
    "\(condition ?? path.joined(separator: ".")) of \(resource.plural)/\(object) is \(expectation)"
  }

  func calls(_ scope: ClusterScope) -> [PlannedCall] {
    [scope.access.plan(.get, resource, in: namespace.flatMap { scope.ruled($0) }, object)]
  }

  func look(_ scope: ClusterScope, _ context: StepContext) async throws -> CheckFinding {
    let place = namespace.map { scope.namespaces[$0] ?? $0 }
    guard let found = try await scope.access.find(resource, object, in: place, context) else {
      return .waiting("\(resource.plural)/\(object) is not there")
    }
    let value =
      condition.map { found.condition($0)?["status"] }
      ?? path.reduce(JSONValue?.some(found)) { $0?[$1] }
    let text = Self.text(value)
    return expectation.isSatisfied(by: text)
      ? .holds("it is \(text ?? "")") : .waiting("it is \(text ?? "not there")")
  }

  private static func text(_ value: JSONValue?) -> String? {
    switch value {
    case .string(let text), .decimal(let text): text
    case .integer(let number): String(number)
    case .bool(let flag): String(flag)
    default: nil
    }
  }
}

extension FieldType where Value == KubernetesResource {
  /// `group/version/plural`, or `version/plural` in the core.
  static var apiResource: FieldType {
    FieldType(
      schema: ["type": "string", "pattern": "^([a-z0-9.-]+/)?v[0-9][a-z0-9]*/[a-z0-9]+$"],
      sample: .pods
    ) { node, sink in
      let parts = (node.string ?? "").split(separator: "/", omittingEmptySubsequences: false)
        .map(String.init)
      let isPlain = parts.joined().utf8.allSatisfy {
        $0.isLowercaseOrDigit || $0 == 0x2D || $0 == 0x2E
      }
      if isPlain, !parts.contains(""), parts.count == 2 || parts.count == 3,
        parts.last?.first != ".",
        parts[parts.count - 2].first == "v"
      {
        return KubernetesResource(
          parts[parts.count - 1], group: parts.count == 3 ? parts[0] : "",
          version: parts[parts.count - 2])
      }
      sink.report(
        "this is no kind of object", at: node.position,
        fix: "Write apps/v1/deployments, or v1/services.")
      return nil
    }
  }
}

extension FieldType where Value == [String] {
  /// Keys with dots between them.
  static var fieldPath: FieldType {
    FieldType(
      schema: ["type": "string", "pattern": "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$"], sample: []
    ) { node, sink in
      let parts = (node.string ?? "").split(separator: ".", omittingEmptySubsequences: false)
        .map(String.init)
      let isPlain = parts.allSatisfy { part in
        (1...63).contains(part.count)
          && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
      }
      if isPlain, parts.count <= 20 { return parts }
      sink.report(
        "this is no path to a field", at: node.position, fix: "Write status.readyReplicas.")
      return nil
    }
  }
}
