import AWSClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Turns an `aurora` component into steps: a cluster, its instances, the checks, and in a drill the
/// removal of both.
struct AuroraLowering {
  /// The names of its steps, beside those of the checks; its instances are `instance-1` to `-15`.
  static let steps: Set<String> = DatabaseCheckNodes.steps.union([
    "recovery-point", "target", "source", "source-writer", "restore", "settings", "endpoint",
    "compare", "compare-writer", "cleanup", CutOverNodes.done,
  ]).union((1...15).flatMap { ["instance-\($0)", "cleanup-\($0)"] })

  let component: Component
  let spec: AuroraComponent
  let lowering: Lowering

  func nodes(after needed: [String]) -> [StepNode] {
    let settings = StepNode(
      id("settings"), settings, component: component.name,
      dependsOn: [id("restore"), id("source")],
      policy: StepPolicy(timeout: spec.timeouts.modify, attempts: RDSLowering.changeAttempts))
    let restored = node(
      "restore", cluster, after: [id("target")] + lowering.approvalStep,
      StepPolicy(
        timeout: spec.timeouts.restore, attempts: RDSLowering.changeAttempts,
        expected: .seconds(900)))
    let members = (1...spec.target.instances).map { number in
      node(
        "instance-\(number)", instance(number), after: [settings.id, id("source-writer")],
        StepPolicy(
          timeout: spec.timeouts.restore, attempts: RDSLowering.changeAttempts,
          expected: .seconds(600)))
    }
    var nodes =
      [
        look("source", source(.cluster(spec.cluster)), after: needed),
        look("source-writer", source(.writer(ofCluster: spec.cluster)), after: needed),
        look("recovery-point", selection, after: needed),
        look(
          "target",
          CheckTarget(
            aws: aws, subnetGroup: spec.target.subnetGroup,
            parameterGroups: parameterGroups, recoveryPointStep: id("recovery-point"),
            isolation: isolation),
          after: [id("recovery-point")] + (isolation == nil ? [] : [id("source")])), restored,
        settings,
      ] + members + [
        comparison("compare", .cluster, of: restored.id, with: "source", after: settings.id),
        comparison(
          "compare-writer", .instance, of: members[0].id, with: "source-writer",
          after: members[0].id),
      ]
    nodes.append(
      look(
        "endpoint",
        FindClusterEndpoint(
          aws: aws, clusterStep: restored.id, writerStep: id("instance-1")),
        after: members.map(\.id)))
    nodes += DatabaseCheckNodes(
      component: component,
      database: RestoredDatabase(
        access: spec.access, restoreStep: id("endpoint"), environment: lowering.environment,
        aws: lowering.client, region: aws.region),
      mode: lowering.mode, connectTimeout: spec.timeouts.connect, after: id("endpoint"),
      sourceStep: id("source-writer"), earlier: lowering.earlier
    ).nodes()
    nodes += CutOverNodes(
      component: component, lowering: lowering, instanceStep: id("endpoint"),
      region: lowering.plan.recoveryRegion
    ).nodes(after: id("verified"))
    return lowering.mode == .drill ? nodes + removals(after: nodes.map(\.id)) : nodes
  }

  /// The instances go first, side by side; then the cluster.
  private func removals(after steps: [String]) -> [StepNode] {
    let policy = StepPolicy(timeout: spec.timeouts.delete, expected: .seconds(300))
    let members = (1...spec.target.instances).map { number in
      StepNode(
        removing: instance(number), madeBy: id("instance-\(number)"), as: id("cleanup-\(number)"),
        component: component.name, dependsOn: steps, policy: policy)
    }
    return members + [
      StepNode(
        removing: cluster, madeBy: id("restore"), as: id("cleanup"), component: component.name,
        dependsOn: steps + members.map(\.id), policy: policy)
    ]
  }

  private func id(_ step: String) -> String { "\(component.name).\(step)" }

  private var isolation: Isolation? {
    guard lowering.mode == .drill else { return nil }
    return Isolation(
      stated: spec.production, exception: spec.target.sharesProduction, region: aws.region,
      subnetGroup: spec.target.subnetGroup, securityGroups: spec.target.securityGroups,
      sourceStep: id("source"), sourceRegion: lowering.plan.primaryRegion)
  }

  private var aws: AWSAccess {
    AWSAccess(client: lowering.client, region: lowering.plan.recoveryRegion)
  }

  private var tags: RunTags { RunTags(plan: lowering.plan.tags, lifetime: lowering.plan.timeout) }

  private var identifier: String {
    CopyName(
      mode: lowering.mode, run: lowering.run,
      twins: lowering.members.filter {
        ($0.spec as? AuroraComponent)?.cluster.lowercased() == spec.cluster.lowercased()
      }.map(\.name), own: component.name
    ).name(of: spec.cluster, planned: spec.target.identifier)
  }

  private var cluster: RestoreCluster {
    RestoreCluster(
      aws: aws, identifier: identifier,
      target: ClusterTarget(
        subnetGroup: spec.target.subnetGroup, securityGroups: spec.target.securityGroups,
        parameterGroup: spec.target.clusterParameterGroup, port: spec.target.port,
        kmsKey: spec.target.kmsKey, iamAuthentication: spec.target.iamAuthentication,
        // A drill's copy gets no more backups than it must: a cluster's cannot be turned off.
        backupRetentionDays: lowering.mode == .drill ? spec.settings?.backupRetention ?? 1 : nil,
        tags: [:]),
      tags: tags, mustBeEncrypted: spec.mustBeEncrypted, recoveryPointStep: id("recovery-point"),
      planned: planned, renewal: renewal)
  }

  private var selection: SelectClusterPoint {
    SelectClusterPoint(
      aws: aws, cluster: spec.cluster, source: spec.recoverFrom, asked: lowering.pointInTime,
      mustBeEncrypted: spec.mustBeEncrypted)
  }

  /// The loss of a drill is played: backups that come nearer to it afterwards would flatter its RPO.
  private var renewal: SelectClusterPoint? {
    guard lowering.mode == .restore, lowering.pointInTime == nil else { return nil }
    return spec.recoverFrom == .pointInTime ? selection : nil
  }

  /// What is known of the source before a run looks for it.
  private var planned: ClusterRecoveryPoint.Source {
    switch spec.recoverFrom {
    case .pointInTime: .pointInTime(cluster: spec.cluster, moment: lowering.pointInTime)
    case .latestSnapshot: .snapshot(identifier: "<snapshot>")
    case .snapshot(let name): .snapshot(identifier: name)
    }
  }

  private func instance(_ number: Int) -> AddClusterInstance {
    var stated = spec.settings?.stated(in: lowering.mode).of(.clusterMember) ?? DatabaseSettings()
    stated.parameterGroup = spec.target.parameterGroup
    return AddClusterInstance(
      aws: aws, identifier: "\(identifier)-i\(number)", instanceClass: spec.target.instanceClass,
      stated: stated, writerStep: id("source-writer"), tags: tags, clusterStep: id("restore"),
      mode: lowering.mode)
  }

  /// Before the cluster has instances: they begin with its parameters then.
  private var settings: ApplySettings {
    var stated = spec.settings?.stated(in: lowering.mode).of(.cluster) ?? DatabaseSettings()
    stated.parameterGroup = spec.target.clusterParameterGroup
    stated.securityGroups = spec.target.securityGroups.sorted()
    return ApplySettings(
      aws: aws, kind: .cluster, stated: stated, restoreStep: id("restore"),
      sourceStep: id("source"), planned: PlannedInstance(identifier: identifier, isMade: true),
      mode: lowering.mode)
  }

  private func source(_ subject: ReadSource.Subject) -> ReadSource {
    ReadSource(
      aws: AWSAccess(client: lowering.client, region: lowering.plan.primaryRegion),
      subject: subject, earlier: lowering.earlier)
  }

  private func comparison(
    _ name: String, _ kind: DatabaseKind, of made: String, with source: String, after: String
  ) -> StepNode {
    look(
      name,
      CompareSettings(
        aws: aws, kind: kind, instanceStep: made, sourceStep: id(source),
        subnetGroup: spec.target.subnetGroup,
        planned: PlannedInstance(
          identifier: kind == .cluster ? identifier : "\(identifier)-i1", isMade: true)),
      after: [after])
  }

  private var parameterGroups: [(kind: DatabaseKind, name: String)] {
    (spec.target.clusterParameterGroup.map { [(.cluster, $0)] } ?? [])
      + (spec.target.parameterGroup.map { [(.instance, $0)] } ?? [])
  }

  private func look<S: ObservingStep>(
    _ name: String, _ step: S, after needed: [String]
  ) -> StepNode {
    StepNode(
      id(name), step, component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: .seconds(300)))
  }

  private func node<S: ChangingStep>(
    _ name: String, _ step: S, after needed: [String], _ policy: StepPolicy
  ) -> StepNode {
    StepNode(id(name), step, component: component.name, dependsOn: needed, policy: policy)
  }
}
