public import StrictJSON

/// The JSON Schema (draft 2020-12) of plans, from the declarations that read them.
public enum PlanSchema {
  /// The whole schema.
  public static func schema(kinds: [ComponentKind]) -> JSONValue {
    let recorder = FieldReader()
    _ = PlanSpec(from: recorder)
    recorder.atLeastOne(of: ["components", "include"], "component")
    var spec = ObjectSchema.of(recorder)
    var properties = spec["properties"]?.objectValue ?? [:]
    properties["components"] = [
      "type": "array", "minItems": 1, "maxItems": 500, "items": .object(component(kinds)),
      "description": "What is recovered.",
    ]
    spec["properties"] = .object(properties)
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
      var properties: JSONObject = [
        "name": described(
          FieldType<String>.label().schema(), "The component's name, unique in the plan."),
        "dependsOn": described(
          FieldType<[Located]>.list(of: .located, 0...100).schema(),
          "Components and included plans that must be back first."),
        kind.key: .object(spec),
      ]
      if !checks.isEmpty {
        properties["verify"] = [
          "type": "array", "items": ["anyOf": .array(checks)], "maxItems": 200,
          "description": "What must hold once it is back.",
        ]
      }
      schemas.append([
        "type": "object", "additionalProperties": false,
        "required": ["name", .string(kind.key)], "properties": .object(properties),
      ])
    }
    return ["anyOf": .array(schemas)]
  }

  private static func described(_ schema: JSONObject, _ about: String) -> JSONValue {
    var schema = schema
    schema["description"] = .string(about)
    return .object(schema)
  }
}
