import KubernetesClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Turns a `velero` component into steps.
struct VeleroLowering {
  /// The names of its steps, beside those of the checks.
  static let steps: Set<String> = [
    "recovery-point", "target", "prove-checks", "modifiers", "restore", "ready", "verified",
    "cleanup", "cleanup-modifiers",
  ]

  let component: Component
  let spec: VeleroComponent
  let lowering: Lowering

  func nodes(after needed: [String]) -> [StepNode] {
    let spaces = isDrill ? namespaces.values.sorted() : []
    var nodes = [selection(after: needed), targetCheck()]
    var ready = [id("target")]
    if isDrill {
      nodes += spaces.flatMap(drillNamespace)
      ready += nodes.filter { $0.phase == .recover }.map(\.id)
      nodes.append(proof(after: ready))
      ready = [id("prove-checks")]
    } else {
      ready += lowering.approvalStep
    }
    if let modifiers {
      nodes.append(
        StepNode(
          id("modifiers"), modifiers, component: component.name, dependsOn: ready,
          policy: Self.short))
      ready = [id("modifiers")]
    }
    nodes.append(
      StepNode(
        id("restore"), restoreStep, component: component.name, dependsOn: ready,
        policy: StepPolicy(timeout: spec.timeouts.restore, expected: .seconds(600))))
    nodes += checks()
    if isDrill { nodes += removals(spaces, after: nodes.map(\.id)) }
    return nodes
  }

  /// One exchange with the API server, or a few.
  private static let short = StepPolicy(timeout: .seconds(300))

  private var isDrill: Bool { lowering.mode == .drill }

  private func id(_ step: String) -> String { "\(component.name).\(step)" }

  var access: ClusterAccess {
    ClusterAccess(
      directory: lowering.clusters, aws: lowering.client,
      target: spec.cluster.target(region: lowering.plan.recoveryRegion))
  }

  /// From the namespaces of the backup to those they are restored to. A drill's belong to its run.
  var namespaces: [String: String] {
    Dictionary(
      spec.namespaces.map { name in
        guard isDrill else { return (name, spec.mapping[name] ?? name) }
        let suffix = "-drill-\(lowering.run.shortForm)"
        return (name, name.prefix(63 - suffix.utf8.count) + suffix)
      }, uniquingKeysWith: { first, _ in first })
  }

  var scope: ClusterScope {
    ClusterScope(access: access, namespaces: namespaces, belongsToRun: isDrill)
  }

  private func selection(after needed: [String]) -> StepNode {
    StepNode(
      id("recovery-point"),
      SelectBackup(
        access: access, namespace: spec.veleroNamespace, source: spec.source,
        acceptsPartial: spec.acceptsPartialBackup, asked: lowering.pointInTime),
      component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: spec.timeouts.sync))
  }

  private func targetCheck() -> StepNode {
    StepNode(
      id("target"),
      CheckRecoveryCluster(
        access: access, namespace: spec.veleroNamespace, scope: scope,
        spec: spec, backupStep: id("recovery-point")),
      component: component.name, dependsOn: [id("recovery-point")], policy: Self.short)
  }

  private func drillNamespace(_ name: String) -> [StepNode] {
    let namespace = StepNode(
      namespaceStep(name), creation(of: name), component: component.name,
      dependsOn: [id("target")] + lowering.approvalStep, policy: Self.short)
    guard spec.drill.egress != "allow" else { return [namespace] }
    return [
      namespace,
      StepNode(
        id("isolation.\(name)"),
        CloseDrillNamespace(access: access, namespace: name, policy: spec.drill.egress),
        component: component.name, dependsOn: [namespace.id], policy: Self.short),
    ]
  }

  private func namespaceStep(_ name: String) -> String { id("namespace.\(name)") }

  private func creation(of name: String) -> CreateDrillNamespace {
    CreateDrillNamespace(access: access, name: name, labels: spec.drill.labels)
  }

  private func proof(after needed: [String]) -> StepNode {
    StepNode(
      id("prove-checks"), ProveClusterChecks(checks: clusterChecks, scope: scope),
      component: component.name, dependsOn: needed, policy: Self.short)
  }

  private var modifiers: CreateModifiers? {
    let rules = ModifierRules(component: spec, isDrill: isDrill)
    guard !rules.rules.isEmpty else { return nil }
    return CreateModifiers(
      access: access, namespace: spec.veleroNamespace, name: name, rules: rules)
  }

  /// What a run makes in Velero's namespace has a name of that run: files in the bucket go by it, and
  /// other clusters may share the bucket. There is room for the number of another attempt.
  private var name: String {
    let stem = component.name.map { $0 == "/" ? "-" : $0 }
    let suffix = "-\(lowering.run.shortForm)"
    return "mosaic-dr-" + String(stem.prefix(63 - 10 - 4 - suffix.utf8.count)) + suffix
  }

  private var restoreStep: RestoreBackup {
    RestoreBackup(
      access: access, namespace: spec.veleroNamespace, name: name,
      manifest: RestoreManifest(
        component: spec, namespaces: namespaces, isDrill: isDrill,
        modifiers: modifiers == nil ? nil : name),
      acceptsPartial: spec.acceptsPartialRestore, restarts: spec.restarts,
      backupStep: id("recovery-point"))
  }

  /// The plan's checks. That workloads are ready is always one of them.
  private var clusterChecks: [(name: String, check: any ClusterCheck)] {
    let own = component.checks.compactMap { check in
      (check.spec as? any ClusterCheck).map { (name: check.name, check: $0) }
    }
    guard !own.contains(where: { $0.check is WorkloadsCheck }) else { return own }
    return [(name: "ready", check: WorkloadsCheck())] + own
  }

  private func checks() -> [StepNode] {
    let nodes = clusterChecks.map { name, check in
      StepNode(
        id(name), AwaitClusterCheck(name: name, check: check, scope: scope),
        component: component.name, dependsOn: [id("restore")],
        policy: StepPolicy(timeout: check.longestWait, expected: .seconds(120)))
    }
    return nodes + [
      StepNode(
        id("verified"), NoteVerified(checks: nodes.count), component: component.name,
        dependsOn: nodes.map(\.id),
        policy: StepPolicy(timeout: .seconds(60), expected: .milliseconds(1)))
    ]
  }

  private func removals(_ spaces: [String], after steps: [String]) -> [StepNode] {
    let policy = StepPolicy(timeout: spec.timeouts.delete, expected: .seconds(60))
    let restore = StepNode(
      removing: restoreStep, madeBy: id("restore"), as: id("cleanup"), component: component.name,
      dependsOn: steps, policy: policy)
    // Velero must have stopped filling the namespaces before they go.
    let namespaces = spaces.map { name in
      StepNode(
        removing: creation(of: name), madeBy: namespaceStep(name), as: id("cleanup.\(name)"),
        component: component.name, dependsOn: [restore.id], policy: policy)
    }
    let changes = modifiers.map { modifiers in
      StepNode(
        removing: modifiers, madeBy: id("modifiers"), as: id("cleanup-modifiers"),
        component: component.name, dependsOn: [restore.id], policy: policy)
    }
    return [restore] + namespaces + (changes.map { [$0] } ?? [])
  }
}
