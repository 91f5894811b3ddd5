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
      if !kind.checks.isEmpty {
        properties["verify"] = list(of: kind.checks, 200, "What must hold once it is back.")
      }
      if !kind.cutOvers.isEmpty {
        properties["cutover"] = list(
          of: kind.cutOvers, 20, "What leads its users to it, in this order; only in a restore.")
      }
      schemas.append([
        "type": "object", "additionalProperties": false,
        "required": ["name", .string(kind.key)], "properties": .object(properties),
      ])
    }
    return ["anyOf": .array(schemas)]
  }

  /// A list whose elements are mappings with one key, which says their kind.
  private static func list(of kinds: [CheckKind], _ most: Int64, _ about: String) -> JSONValue {
    let elements = kinds.map { kind -> JSONValue in
      var spec = ObjectSchema.of(kind.spec)
      spec["description"] = .string(kind.summary)
      return [
        "type": "object", "additionalProperties": false, "required": [.string(kind.key)],
        "properties": .object([kind.key: .object(spec)]),
      ]
    }
    return [
      "type": "array", "items": ["anyOf": .array(elements)], "maxItems": .integer(most),
      "description": .string(about),
    ]
  }

  private static func described(_ schema: JSONObject, _ about: String) -> JSONValue {
    var schema = schema
    schema["description"] = .string(about)
    return .object(schema)
  }
}
