import PositionedYAML
import StrictJSON

/// Reads plans: YAML to a typed, validated plan, or the list of everything that is wrong with it.
public struct PlanReader: Sendable {
  /// A plan's file, as it was found by its name.
  public struct Source: Sendable {
    /// The file, as it is to be named.
    public let file: String
    /// Its bytes.
    public let bytes: [UInt8]

    /// Creates a source.
    public init(file: String, bytes: [UInt8]) {
      self.file = file
      self.bytes = bytes
    }
  }

  /// The API version that plans of this program name.
  public static let apiVersion = "dr.mosaic.life/v1"
  /// How deep plans may include each other.
  static let maximumDepth = 8

  private let kinds: [ComponentKind]
  private let find: @Sendable (String) -> Source?
  /// Whether a plan is doubtful whose file is named otherwise than it: where plans are looked up by
  /// their names, it is not found.
  public var warnsOfName = false

  /// Creates a reader that understands these kinds of components.
  ///
  /// - Parameter find: finds a plan that another one includes by its name.
  public init(
    kinds: [ComponentKind], find: @escaping @Sendable (String) -> Source? = { _ in nil }
  ) {
    self.kinds = kinds
    self.find = find
  }

  /// Reads a plan; there is one exactly when no diagnostic is an error.
  public func read(_ bytes: [UInt8], file: String) -> (
    plan: RecoveryPlan?, diagnostics: [Diagnostic]
  ) { read(Source(file: file, bytes: bytes), within: []) }

  private func read(_ source: Source, within outer: [String]) -> (
    plan: RecoveryPlan?, diagnostics: [Diagnostic]
  ) {
    let sink = DiagnosticSink(file: source.file, source: source.bytes)
    let plan: RecoveryPlan?
    do throws(YAMLError) {
      plan = self.plan(
        from: try YAMLDocument.parse(source.bytes), source, within: outer, sink: sink)
    } catch {
      sink.report(error.reason, at: error.position, fix: error.remedy)
      plan = nil
    }
    let isValid = sink.diagnostics.allSatisfy { $0.severity == .warning }
    return (
      isValid ? plan : nil,
      sink.diagnostics.sorted { ($0.file, $0.position) < ($1.file, $1.position) }
    )
  }

  private func plan(
    from root: YAMLNode, _ source: Source, within outer: [String], sink: DiagnosticSink
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
    if warnsOfName, outer.isEmpty {
      warnOfName(metadata.name, source.file, at: root["metadata"]?["name"]?.position, sink)
    }
    ReferenceCheck(components: spec.components, inclusions: spec.fields.includes).run(sink)
    let components = spec.components.compactMap(\.component)
    let fields = spec.fields
    return RecoveryPlan(
      name: metadata.name, owner: metadata.owner, tags: metadata.tags, rto: fields.rto,
      rpo: fields.rpo, primaryRegion: fields.regions.primary,
      recoveryRegion: fields.regions.recovery,
      restoreApprovals: fields.approvals?.restore ?? 0,
      drillApprovals: fields.approvals?.drill ?? 0, schedule: fields.schedule?.schedule,
      timeout: fields.timeout,
      components: components,
      includes: included(fields.includes, within: outer + [metadata.name], sink),
      scenario: fields.scenario, controls: fields.controls, file: source.file,
      bytes: source.bytes, ownExecutedDigest: ExecutedPart.digest(of: root))
  }

  private func warnOfName(
    _ name: String, _ file: String, at place: SourcePosition?, _ sink: DiagnosticSink
  ) {
    guard let place, !RecoveryPlan.isNamed(name, file) else { return }
    sink.warn(
      "the plan is named '\(name)', and its file is not \(name).yaml", at: place,
      fix: "Rename one of them: '--plan \(name)' and timers look for \(name).yaml.")
  }

  private func included(
    _ inclusions: [Inclusion], within outer: [String], _ sink: DiagnosticSink
  ) -> [IncludedPlan] {
    inclusions.compactMap { inclusion in
      let name = inclusion.plan
      guard !outer.contains(name), outer.count < Self.maximumDepth else {
        let path = (outer + [name]).joined(separator: " → ")
        sink.report(
          outer.contains(name)
            ? "plans include each other: \(path)" : "plans are nested too deep: \(path)",
          at: inclusion.place, fix: "Remove one of these inclusions.")
        return nil
      }
      guard let source = find(name) else {
        sink.report(
          "there is no plan '\(name)'", at: inclusion.place,
          fix: "Name a plan of the same folder, or of the one that --plans gives.")
        return nil
      }
      let (plan, diagnostics) = read(source, within: outer)
      sink.add(diagnostics)
      if let plan, plan.name != name {
        sink.report(
          "the plan in \(source.file) is named '\(plan.name)'", at: inclusion.place,
          fix: "Give the file and the plan the same name.")
        return nil
      }
      return plan.map {
        IncludedPlan(name: name, dependsOn: inclusion.dependsOn.map(\.name), plan: $0)
      }
    }
  }

  private typealias SpecAndComponents = (fields: PlanSpec, components: [ReadComponent])

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
      let components = reader.optional(
        "components", .list(of: ComponentReader(kinds: kinds).type, 1...500), default: [],
        shownAs: [], "What is recovered.")
      reader.atLeastOne(of: ["components", "include"], "component")
      reader.finish()
      return (fields, components)
    }
  }
}
