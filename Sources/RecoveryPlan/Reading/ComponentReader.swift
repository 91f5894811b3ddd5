import PositionedYAML
import StrictJSON

/// A component as it was read: also one that is not valid has a name that others may refer to.
struct ReadComponent {
  /// The name, and where it stands; nil when it has none.
  let name: Located?
  let dependsOn: [Located]
  /// Nil when it is not valid.
  let component: Component?
}

/// Reads an element of `spec.components`.
struct ComponentReader {
  private static let common = ["name", "dependsOn", "verify"]

  let kinds: [ComponentKind]

  var type: FieldType<ReadComponent> {
    FieldType(
      schema: PlanSchema.component(kinds),
      sample: ReadComponent(name: nil, dependsOn: [], component: nil), read: read)
  }

  private func read(_ node: YAMLNode, _ sink: DiagnosticSink) -> ReadComponent? {
    guard let entries = node.entries else {
      sink.report(
        "\(node.shown) stands where a component is expected", at: node.position,
        fix: "Write '- name: …' and the component's kind.")
      return nil
    }
    let reader = FieldReader(entries, at: node.position, sink: sink)
    let name = reader.required("name", .label(), "The component's name, unique in the plan.")
    let place = entries.first { $0.key == "name" }?.value
    let located = place.flatMap {
      $0.string == name ? Located(name: name, position: $0.position) : nil
    }
    let dependsOn = reader.optional(
      "dependsOn", .list(of: .located, 0...100), default: [], shownAs: [],
      "Components that must be back first.")
    guard let kind = kind(of: entries, at: node.position, sink) else {
      return ReadComponent(name: located, dependsOn: dependsOn, component: nil)
    }
    let spec = read(kind.spec, kind.key, kind.summary, reader)
    let checks =
      kind.checks.isEmpty
      ? []
      : reader.optional(
        "verify", .list(of: checkType(kind.checks), 0...200), default: [], shownAs: [],
        "What must hold once it is back.")
    reader.finish()
    let component = spec.map {
      Component(
        name: name, dependsOn: dependsOn.map(\.name), kind: kind.key, spec: $0,
        checks: named(checks, of: kind, sink), position: node.position)
    }
    return ReadComponent(name: located, dependsOn: dependsOn, component: component)
  }

  /// The one kind that the component names; nil when it was reported that there is no such one.
  private func kind(
    of entries: [YAMLEntry], at position: SourcePosition, _ sink: DiagnosticSink
  ) -> ComponentKind? {
    let known = kinds.map(\.key)
    let found = entries.filter { known.contains($0.key) }
    if found.count > 1 {
      sink.report(
        "the component has several kinds: \(found.map(\.key).joined(separator: ", "))",
        at: found[1].keyPosition, fix: "Make a component of each.")
    } else if let key = found.first?.key {
      return kinds.first { $0.key == key }
    } else if let other = entries.first(where: { !Self.common.contains($0.key) }) {
      let near = Suggestion.nearest(to: other.key, in: known + Self.common)
      sink.report(
        "there is no kind of component '\(other.key.prefix(60))'", at: other.keyPosition,
        fix: near.map { "Write '\($0)'." } ?? "Write one of: \(known.joined(separator: ", ")).")
    } else {
      sink.report(
        "the component has no kind", at: position,
        fix: "Add one of: \(known.joined(separator: ", ")).")
    }
    return nil
  }

  private func read<Spec: PlanObject>(
    _ type: Spec.Type, _ key: String, _ about: String, _ reader: FieldReader
  ) -> (any PlanObject)? {
    reader.optional(key, .object(Spec.self), about)
  }

  private typealias UnnamedCheck = (kind: String, spec: any PlanObject, node: YAMLNode)

  private func checkType(_ kinds: [CheckKind]) -> FieldType<UnnamedCheck> {
    FieldType(
      schema: [:],
      sample: ("", PlanApprovals(from: FieldReader()), YAMLNode(.mapping([]), at: .start))
    ) { node, sink in
      let keys = kinds.map(\.key).joined(separator: ", ")
      guard let entries = node.entries, let first = entries.first else {
        sink.report(
          "\(node.shown) stands where a check is expected", at: node.position,
          fix: "Write '- KIND: {…}', where KIND is one of: \(keys).")
        return nil
      }
      if entries.count > 1 {
        sink.report(
          "a check has exactly one kind; this has \(entries.map(\.key).joined(separator: ", "))",
          at: entries[1].keyPosition, fix: "Begin another check with '- ', or indent further.")
        return nil
      }
      let reader = FieldReader(entries, at: node.position, sink: sink)
      let specs = kinds.map { ($0.key, self.read($0.spec, $0.key, $0.summary, reader)) }
      reader.finish()
      return specs.first { $0.0 == first.key }?.1.map { (first.key, $0, first.value) }
    }
  }

  /// Checks without a name are numbered within their kind.
  private func named(
    _ checks: [UnnamedCheck], of component: ComponentKind, _ sink: DiagnosticSink
  ) -> [Check] {
    var counts: [String: Int] = [:]
    var places: [String: SourcePosition] = [:]
    return checks.map { check in
      counts[check.kind, default: 0] += 1
      let written = check.node["name"]
      let name = written?.text ?? "\(check.kind)-\(counts[check.kind] ?? 1)"
      let place = written?.position ?? check.node.position
      if let first = places[name] {
        sink.report(
          "another check of the component has the name '\(name)' (at \(first))", at: place,
          fix: "Give each check a name of its own.")
      }
      if component.steps.contains(name) {
        sink.report(
          "a step of every '\(component.key)' component has the name '\(name)' already", at: place,
          fix: "Give the check another name.")
      }
      places[name] = places[name] ?? place
      return Check(name: name, kind: check.kind, spec: check.spec)
    }
  }
}
