public import StrictJSON

/// The JSON Schema (draft 2020-12) of plans, from the declarations that read them.
public enum PlanSchema {
  /// The whole schema.
  public static func schema(kinds: [ComponentKind]) -> JSONValue {
    let recorder = FieldReader()
    _ = PlanSpec(from: recorder)
    var spec = ObjectSchema.of(recorder.records)
    add(
      "components", ["type": "array", "minItems": 1, "items": .object(component(kinds))], to: &spec)
    return .object([
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "mosaic-dr recovery plan", "type": "object", "additionalProperties": false,
      "required": ["apiVersion", "kind", "metadata", "spec"],
      "properties": [
        "apiVersion": ["const": .string(PlanReader.apiVersion)],
        "kind": ["const": "RecoveryPlan"],
        "metadata": .object(ObjectSchema.of(PlanMetadata.self)), "spec": .object(spec),
      ],
    ])
  }

  static func component(_ kinds: [ComponentKind]) -> JSONObject {
    var schemas: [JSONValue] = []
    for kind in kinds {
      let checks = kind.checks.map { check -> JSONValue in
        var spec = ObjectSchema.of(check.spec)
        spec["description"] = .string(check.summary)
        return [
          "type": "object", "additionalProperties": false, "required": [.string(check.key)],
          "properties": .object([check.key: .object(spec)]),
        ]
      }
      var spec = ObjectSchema.of(kind.spec)
      spec["description"] = .string(kind.summary)
      schemas.append([
        "type": "object", "additionalProperties": false,
        "required": ["name", .string(kind.key)],
        "properties": .object([
          "name": .object(FieldType<String>.label().schema()),
          "dependsOn": ["type": "array", "items": ["type": "string"]],
          "verify": ["type": "array", "items": ["anyOf": .array(checks)]],
          kind.key: .object(spec),
        ]),
      ])
    }
    return ["anyOf": .array(schemas)]
  }

  private static func add(_ name: String, _ schema: JSONValue, to object: inout JSONObject) {
    var properties = object["properties"]?.objectValue ?? [:]
    properties[name] = schema
    object["properties"] = .object(properties)
    object["required"] = .array((object["required"]?.arrayValue ?? []) + [.string(name)])
  }
}
