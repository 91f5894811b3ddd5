import PositionedYAML
import StepGraph
import StrictJSON

/// Reads plans: YAML to a typed, validated plan, or the list of everything that is wrong with it.
public struct PlanReader: Sendable {
  /// The API version that plans of this program name.
  public static let apiVersion = "dr.mosaic.life/v1"

  private let kinds: [ComponentKind]

  /// Creates a reader that understands these kinds of components.
  public init(kinds: [ComponentKind]) { self.kinds = kinds }

  /// Reads a plan; there is one exactly when there are no diagnostics.
  public func read(_ bytes: [UInt8], file: String) -> (
    plan: RecoveryPlan?, diagnostics: [Diagnostic]
  ) {
    let sink = DiagnosticSink(file: file)
    let plan: RecoveryPlan?
    do throws(YAMLError) {
      plan = self.plan(from: try YAMLDocument.parse(bytes), bytes: bytes, file: file, sink: sink)
    } catch {
      sink.report(error.reason, at: error.position, fix: error.remedy)
      plan = nil
    }
    return (
      sink.diagnostics.isEmpty ? plan : nil, sink.diagnostics.sorted { $0.position < $1.position }
    )
  }

  private func plan(
    from root: YAMLNode, bytes: [UInt8], file: String, sink: DiagnosticSink
  ) -> RecoveryPlan? {
    guard let entries = root.entries else {
      sink.report(
        "the file holds no mapping", at: root.position,
        fix: "Start with 'apiVersion: \(Self.apiVersion)' and 'kind: RecoveryPlan'.")
      return nil
    }
    let top = FieldReader(entries, at: root.position, sink: sink)
    _ = top.required("apiVersion", .choice([Self.apiVersion]), "The version of the format.")
    _ = top.required("kind", .choice(["RecoveryPlan"]), "What the document is.")
    let metadata = top.required("metadata", .object(PlanMetadata.self), "Name, owner and tags.")
    let spec = top.required("spec", specType, "Objectives, regions and components.")
    top.finish()
    checkReferences(spec.components, sink)
    return RecoveryPlan(
      name: metadata.name, owner: metadata.owner, tags: metadata.tags, rto: spec.fields.rto,
      rpo: spec.fields.rpo, primaryRegion: spec.fields.regions.primary,
      recoveryRegion: spec.fields.regions.recovery,
      restoreApprovals: spec.fields.approvals?.restore ?? 0,
      drillApprovals: spec.fields.approvals?.drill ?? 0, components: spec.components, file: file,
      bytes: bytes)
  }

  private typealias SpecAndComponents = (fields: PlanSpec, components: [Component])

  private var specType: FieldType<SpecAndComponents> {
    FieldType(
      schema: [:], sample: (PlanSpec(from: FieldReader()), [])
    ) { node, sink in
      guard let entries = node.entries else {
        sink.report(
          "\(node.shown) stands where a mapping is expected", at: node.position,
          fix: "Write 'objectives', 'regions' and 'components' below.")
        return nil
      }
      let reader = FieldReader(entries, at: node.position, sink: sink)
      let fields = PlanSpec(from: reader)
      let components = reader.required(
        "components", .list(of: componentType, 1...500), "What is recovered.")
      reader.finish()
      return (fields, components)
    }
  }

  private var componentType: FieldType<Component> {
    FieldType(
      schema: PlanSchema.component(kinds),
      sample: Component(
        name: "", dependsOn: [], kind: "", spec: PlanApprovals(from: FieldReader()), checks: [],
        position: .start)
    ) { node, sink in component(node, sink) }
  }

  private func component(_ node: YAMLNode, _ sink: DiagnosticSink) -> Component? {
    guard let entries = node.entries else {
      sink.report(
        "\(node.shown) stands where a component is expected", at: node.position,
        fix: "Write '- name: …' and the component's kind.")
      return nil
    }
    let reader = FieldReader(entries, at: node.position, sink: sink)
    let name = reader.required("name", .label(), "The component's name, unique in the plan.")
    let dependsOn = reader.optional(
      "dependsOn", .list(of: .label(), 0...100), default: [], shownAs: [],
      "Components that must be back first.")
    let found = kinds.filter { kind in entries.contains { $0.key == kind.key } }
    let specs = kinds.map { kind in (kind, read(kind.spec, kind.key, kind.summary, reader)) }
    let checks = reader.optional(
      "verify", .list(of: checkType(found.first?.checks ?? []), 0...200), default: [], shownAs: [],
      "What must hold once it is back.")
    reader.finish()
    guard found.count == 1, let spec = specs.first(where: { $0.0.key == found[0].key })?.1 else {
      if found.count != 1 {
        let keys = kinds.map(\.key).joined(separator: ", ")
        sink.report(
          found.isEmpty ? "the component has no kind" : "the component has several kinds",
          at: node.position, fix: "Give it exactly one of: \(keys).")
      }
      return nil
    }
    return Component(
      name: name, dependsOn: dependsOn, kind: found[0].key, spec: spec,
      checks: named(checks, sink), position: node.position)
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
      guard let entries = node.entries, entries.count == 1 else {
        sink.report(
          "\(node.shown) stands where one check is expected", at: node.position,
          fix: "Write '- KIND: {…}', where KIND is one of: \(keys).")
        return nil
      }
      let reader = FieldReader(entries, at: node.position, sink: sink)
      var found: UnnamedCheck?
      for kind in kinds {
        if let spec = read(kind.spec, kind.key, kind.summary, reader) {
          found = (kind.key, spec, entries[0].value)
        }
      }
      reader.finish()
      return found
    }
  }

  private func named(_ checks: [UnnamedCheck], _ sink: DiagnosticSink) -> [Check] {
    var counts: [String: Int] = [:]
    var names: Set<String> = []
    return checks.map { check in
      counts[check.kind, default: 0] += 1
      let name = check.node["name"]?.text ?? "\(check.kind)-\(counts[check.kind] ?? 1)"
      if !names.insert(name).inserted {
        sink.report(
          "another check of the component has the name '\(name)'", at: check.node.position,
          fix: "Give each check a name of its own.")
      }
      return Check(name: name, kind: check.kind, spec: check.spec)
    }
  }

  private func checkReferences(_ components: [Component], _ sink: DiagnosticSink) {
    let names = components.map(\.name)
    for (index, component) in components.enumerated() {
      if names[..<index].contains(component.name) {
        sink.report(
          "another component has the name '\(component.name)'", at: component.position,
          fix: "Give each component a name of its own.")
      }
      for dependency in component.dependsOn where !names.contains(dependency) {
        let near = Suggestion.nearest(to: dependency, in: names)
        sink.report(
          "'\(component.name)' depends on '\(dependency)', which is no component of the plan",
          at: component.position,
          fix: near.map { "Write '\($0)'." } ?? "Name one of: \(names.joined(separator: ", ")).")
      }
    }
    do throws(StepGraphError) {
      _ = try StepGraph(components.map { StepGraph.Node($0.name, dependsOn: $0.dependsOn) })
    } catch {
      guard case .cycle(let cycle) = error,
        let first = components.first(where: { cycle.contains($0.name) })
      else { return }
      sink.report(
        "components wait for each other: \(cycle.joined(separator: " → ")) → \(cycle[0])",
        at: first.position, fix: "Remove one of these dependsOn entries.")
    }
  }
}
