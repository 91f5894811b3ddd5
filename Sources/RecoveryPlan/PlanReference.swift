import StrictJSON

/// The reference of plans for people, from the declarations that read them.
public enum PlanReference {
  /// The reference as Markdown: a table for each mapping of a plan.
  public static func markdown(kinds: [ComponentKind]) -> String {
    let schema = PlanSchema.schema(kinds: kinds)
    let properties = schema["properties"]
    var tables: [String] = []
    for part in ["metadata", "spec"] {
      if let object = properties?[part] { add(object, at: part, to: &tables) }
    }
    return """
      # Plans

      A plan is a YAML file with `apiVersion: \(PlanReader.apiVersion)`, `kind: RecoveryPlan`, `metadata` and `spec`. Every key is listed
      here; any other is an error. This page is made by `mosaic-dr schema --format markdown`; `mosaic-dr schema` prints the same for
      editors. Lengths of time are written as `90s`, `15m`, `1h30m` or `2d`.

      \(tables.joined(separator: "\n\n"))
      """
  }

  /// Adds the table of one mapping, then those of the mappings in it.
  private static func add(_ object: JSONValue, at path: String, to tables: inout [String]) {
    let required = (object["required"]?.arrayValue ?? []).compactMap(\.stringValue)
    let members = object["properties"]?.objectValue?.members ?? []
    guard !members.isEmpty else { return }
    var lines = ["## `\(path)`", ""]
    if let about = object["description"]?.stringValue { lines += [about, ""] }
    lines += choices(object)
    lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    var inner: [(path: String, object: JSONValue)] = []
    for (key, value) in members {
      let initial = value["default"]?.shownInline ?? (required.contains(key) ? "required" : "")
      let about = value["description"]?.stringValue ?? ""
      lines.append("| `\(key)` | \(kind(of: value)) | \(initial) | \(about) |")
      inner += mappings(in: value, at: "\(path).\(key)")
    }
    tables.append(lines.joined(separator: "\n"))
    for (path, object) in inner { add(object, at: path, to: &tables) }
  }

  /// Which of the keys go together.
  private static func choices(_ object: JSONValue) -> [String] {
    if let all = object["allOf"]?.arrayValue { return all.flatMap(choices) }
    let names = { (rule: String) in
      (object[rule]?.arrayValue ?? []).compactMap { $0["required"]?.arrayValue?.first?.stringValue }
        .map { "`\($0)`" }.joined(separator: ", ")
    }
    return ["oneOf": "Exactly one of", "anyOf": "At least one of"].sorted { $0.key < $1.key }
      .filter { !names($0.key).isEmpty }.flatMap { ["\($0.value): \(names($0.key)).", ""] }
  }

  /// The mappings that a value is or holds, each with the path that the reference names it by.
  private static func mappings(
    in value: JSONValue, at path: String
  ) -> [(path: String, object: JSONValue)] {
    if value["properties"] != nil { return [(path, value)] }
    let items = value["items"] ?? value
    let place = value["items"] == nil ? path : "\(path)[]"
    let variants = items["anyOf"]?.arrayValue ?? items["oneOf"]?.arrayValue ?? [items]
    return variants.filter { $0["properties"] != nil }.flatMap { variant in
      // A mapping with a single key, as a check is, goes by that key.
      let members = variant["properties"]?.objectValue?.members ?? []
      if members.count == 1, let only = members.first, only.value["properties"] != nil {
        return [("\(place).\(only.key)", only.value)]
      }
      return [(place, variant)]
    }
  }

  private static func kind(of value: JSONValue) -> String {
    if let constant = value["const"]?.stringValue { return "`\(constant)`" }
    if let words = value["enum"]?.arrayValue {
      return words.map(\.shownInline).joined(separator: ", ")
    }
    if let items = value["items"] { return "a list: \(kind(of: items))" }
    switch value["type"]?.stringValue {
    case "object": return "a mapping"
    case "boolean": return "`true` or `false`"
    case "integer":
      guard let low = value["minimum"]?.integerValue, let high = value["maximum"]?.integerValue
      else { return "a whole number" }
      return "\(low) to \(high)"
    case "string":
      if value["pattern"]?.stringValue == DurationText.pattern { return "a length of time" }
      guard let most = value["maxLength"]?.integerValue else { return "a text" }
      return "a text of at most \(most) characters"
    default: break
    }
    let variants = value["anyOf"]?.arrayValue ?? value["oneOf"]?.arrayValue ?? []
    let kinds = variants.map(kind).reduce(into: [String]()) { kinds, kind in
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds.isEmpty ? "a text or a number" : kinds.joined(separator: ", or ")
  }
}

extension JSONValue {
  fileprivate var shownInline: String {
    switch self {
    case .string(let text): "`\(text)`"
    case .object, .array: "none"
    default: "`\(prettyText())`"
    }
  }
}
