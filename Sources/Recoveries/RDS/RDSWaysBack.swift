import AWSClient
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// The ways back of an `rds` component, as steps.
extension RDSLowering {
  func wayBack(after needed: [String]) -> WayBack {
    switch spec.recoverFrom {
    case .pointInTime, .replicatedBackup, .latestSnapshot, .snapshot:
      restoring(from: selection(in: region, after: needed))
    case .snapshotCopy(let options): copying(options, after: needed)
    case .replica(let replica): promoting(replica, after: needed)
    case .awsBackup(let options): restoringBackup(options, after: needed)
    case .failover: failingOver(after: needed)
    }
  }

  /// The step that chooses what to restore.
  private func selection(in region: String, after needed: [String]) -> StepNode {
    switch spec.recoverFrom {
    case .snapshot(let name): snapshot(.named(name), in: region, isForCopy: false, after: needed)
    case .latestSnapshot(let criteria):
      snapshot(.newest(criteria), in: region, isForCopy: false, after: needed)
    default: node("recovery-point", pointInTime, after: needed)
    }
  }

  private var pointInTime: SelectPointInTime {
    SelectPointInTime(
      aws: aws(region), instance: spec.instance, asked: lowering.pointInTime,
      mustBeEncrypted: spec.mustBeEncrypted, onlyReplicated: spec.recoverFrom == .replicatedBackup)
  }

  private func snapshot(
    _ wanted: SelectSnapshot.Wanted, in region: String, isForCopy: Bool, after needed: [String]
  ) -> StepNode {
    node(
      "recovery-point",
      SelectSnapshot(
        aws: aws(region), instance: spec.instance, wanted: wanted, asked: lowering.pointInTime,
        // A copy can add the encryption that its source lacks.
        mustBeEncrypted: spec.mustBeEncrypted && !isForCopy, isForCopy: isForCopy), after: needed)
  }

  /// Chooses, checks what the new instance needs, makes it.
  private func restoring(from selection: StepNode) -> WayBack {
    WayBack(
      nodes: [
        selection, targetCheck(), restore(from: "recovery-point", after: [id("target")]),
      ],
      instanceStep: id("restore"), removals: [removal(from: "recovery-point")])
  }

  private func restoringBackup(_ options: BackupOptions, after needed: [String]) -> WayBack {
    // Each step has a record of calls of its own.
    let step = {
      RestoreFromBackup(
        aws: aws(region), identifier: identifier, target: target, tags: tags, role: options.role,
        mustBeEncrypted: spec.mustBeEncrypted, recoveryPointStep: id("recovery-point"),
        standbyLike: standbyLike)
    }
    let policy = StepPolicy(timeout: spec.timeouts.restore, expected: .seconds(1_200))
    return WayBack(
      nodes: [
        node(
          "recovery-point",
          SelectBackupPoint(
            aws: aws(region), instance: spec.instance, primaryRegion: lowering.plan.primaryRegion,
            vault: options.vault, asked: lowering.pointInTime,
            mustBeEncrypted: spec.mustBeEncrypted), after: needed),
        targetCheck(),
        StepNode(
          id("restore"), step(), component: component.name,
          dependsOn: [id("target")] + known + lowering.approvalStep, policy: policy),
      ],
      instanceStep: id("restore"),
      removals: [
        { [component, spec, step = step(), made = id("restore"), name = id("cleanup")] before in
          StepNode(
            removing: step, madeBy: made, as: name, component: component.name, dependsOn: before,
            policy: StepPolicy(timeout: spec.timeouts.delete, expected: .seconds(300)))
        }
      ])
  }

  private func copying(_ options: SnapshotCopyOptions, after needed: [String]) -> WayBack {
    let copy = {
      CopySnapshot(
        aws: aws(region), identifier: identifier, kmsKey: options.kmsKey, tags: tags,
        recoveryPointStep: id("recovery-point"), sourceRegion: lowering.plan.primaryRegion)
    }
    let wanted = options.snapshot.map { SelectSnapshot.Wanted.named($0) }
    let policy = StepPolicy(timeout: spec.timeouts.copy, expected: .seconds(1_800))
    return WayBack(
      nodes: [
        snapshot(
          wanted ?? .newest(options.criteria), in: lowering.plan.primaryRegion, isForCopy: true,
          after: needed),
        targetCheck(),
        StepNode(
          id("copy"), copy(), component: component.name,
          dependsOn: [id("target")] + lowering.approvalStep, policy: policy),
        restore(from: "copy", after: [id("copy")]),
      ],
      instanceStep: id("restore"),
      removals: [
        removal(from: "copy"),
        { [component, spec, copy = copy(), made = id("copy"), name = id("cleanup-copy")] before in
          StepNode(
            removing: copy, madeBy: made, as: name, component: component.name, dependsOn: before,
            policy: StepPolicy(timeout: spec.timeouts.delete, expected: .seconds(10)))
        },
      ])
  }

  /// A restore promotes the replica that stands by. A drill must leave that alone: it makes a
  /// replica of the replica and promotes that.
  private func promoting(_ replica: String, after needed: [String]) -> WayBack {
    let selection = node(
      "recovery-point",
      SelectReplica(
        aws: aws(region), instance: spec.instance, replica: replica,
        mustBeEncrypted: spec.mustBeEncrypted), after: needed)
    let isDrill = lowering.mode == .drill
    let promotion = PromoteReplica(
      aws: aws(region),
      subject: isDrill
        ? .copy(madeBy: id("restore")) : .standby(checkedBy: id("recovery-point")),
      planned: plannedInstance,
      backupRetentionDays: backupRetentionDays,
      mustBeEncrypted: spec.mustBeEncrypted, database: database(madeBy: id("restore")))
    var way = WayBack(nodes: [selection], instanceStep: id("promote"))
    if isDrill {
      way.nodes += [
        targetCheck(), restore(from: "recovery-point", after: [id("target")]),
      ]
      way.removals = [removal(from: "recovery-point")]
    }
    way.nodes.append(
      change(
        "promote", promotion,
        after: isDrill ? [id("restore")] : [selection.id] + lowering.approvalStep))
    return way
  }

  /// A restore lets the standby of the instance itself take over. A drill does that to a Multi-AZ
  /// copy, since a failover interrupts whoever uses the instance.
  private func failingOver(after needed: [String]) -> WayBack {
    var way: WayBack
    let made: String
    if lowering.mode == .drill {
      let restored = restoring(from: selection(in: region, after: needed))
      made = id("restore")
      way = WayBack(
        nodes: restored.nodes, instanceStep: id("fail-over"), removals: restored.removals)
    } else {
      made = id("recovery-point")
      let selection = node(
        "recovery-point", SelectInstance(aws: aws(region), instance: spec.instance), after: needed)
      way = WayBack(nodes: [selection], instanceStep: id("fail-over"), isOriginal: true)
    }
    way.nodes.append(
      change(
        "fail-over",
        FailOver(
          aws: aws(region), instanceStep: made, planned: plannedInstance,
          database: database(madeBy: made)),
        after: [made] + (lowering.mode == .drill ? [] : lowering.approvalStep)))
    return way
  }

  private func targetCheck() -> StepNode {
    node(
      "target",
      CheckTarget(
        aws: aws(region), subnetGroup: spec.target.subnetGroup,
        parameterGroups: spec.target.parameterGroup.map { [(.instance, $0)] } ?? [],
        recoveryPointStep: id("recovery-point"), isolation: isolation),
      after: [id("recovery-point")] + (isolation == nil ? [] : [id("source")]))
  }

  private func restore(from point: String, after needed: [String]) -> StepNode {
    var policy = StepPolicy(timeout: spec.timeouts.restore, expected: .seconds(900))
    // A standby that is at work on something gives no replica until it is done.
    if case .replica = spec.recoverFrom { policy.attempts = Self.changeAttempts }
    return StepNode(
      id("restore"), restoreStep(from: point), component: component.name,
      dependsOn: needed + known + lowering.approvalStep, policy: policy)
  }

  private func removal(from point: String) -> @Sendable ([String]) -> StepNode {
    {
      [component, spec, step = restoreStep(from: point), made = id("restore"), name = id("cleanup")]
      before in
      StepNode(
        removing: step, madeBy: made, as: name, component: component.name, dependsOn: before,
        policy: StepPolicy(timeout: spec.timeouts.delete, expected: .seconds(300)))
    }
  }

  private func restoreStep(from point: String) -> RestoreInstance {
    RestoreInstance(
      aws: aws(region), identifier: identifier, target: target, tags: tags,
      mustBeEncrypted: spec.mustBeEncrypted, recoveryPointStep: id(point), planned: planned,
      standbyLike: standbyLike, renewal: renewal)
  }

  /// The loss of a drill is played: backups that come nearer to it afterwards would flatter its RPO.
  private var renewal: SelectPointInTime? {
    guard lowering.mode == .restore, lowering.pointInTime == nil else { return nil }
    return switch spec.recoverFrom {
    case .pointInTime, .replicatedBackup: pointInTime
    default: nil
    }
  }

  /// A restore gets a standby if the instance had one that is lost, unless the plan says.
  private var standbyLike: String? {
    lowering.mode == .restore && spec.target.multiAZ == nil ? id("source") : nil
  }

  /// What has to be known of the instance that is lost before something is made.
  private var known: [String] { standbyLike.map { [$0] } ?? [] }

  /// What is known of the source before a run looks for it.
  private var planned: RDSRecoveryPoint.Source {
    switch spec.recoverFrom {
    case .snapshot(let name): .snapshot(identifier: name)
    case .latestSnapshot, .awsBackup: .snapshot(identifier: "<snapshot>")
    case .snapshotCopy: .snapshot(identifier: identifier)
    case .replica(let name):
      .replica(
        InstanceRecord(
          identifier: name, resourceID: "<identity>", region: region, address: "<address>", port: 0,
          engineVersion: "<version>", instanceClass: "<class>"))
    case .pointInTime, .replicatedBackup, .failover:
      .pointInTime(
        region == lowering.plan.primaryRegion
          ? .resourceID("<identity>") : .automatedBackups("<automated backups>"),
        moment: lowering.pointInTime)
    }
  }

  /// A restore belongs in production's network; a drill does not.
  private var isolation: Isolation? {
    guard lowering.mode == .drill else { return nil }
    return Isolation(
      stated: spec.production, exception: spec.target.sharesProduction, region: region,
      subnetGroup: spec.target.subnetGroup, securityGroups: spec.target.securityGroups,
      sourceStep: id("source"), sourceRegion: lowering.plan.primaryRegion)
  }

  private var target: RestoreTarget {
    RestoreTarget(
      instanceClass: spec.target.instanceClass, subnetGroup: spec.target.subnetGroup,
      securityGroups: spec.target.securityGroups, parameterGroup: spec.target.parameterGroup,
      optionGroup: spec.target.optionGroup,
      multiAZ: spec.target.multiAZ ?? false || spec.recoverFrom == .failover,
      port: spec.target.port,
      storageType: spec.target.storageType, iops: spec.target.iops,
      publiclyAccessible: spec.target.publiclyAccessible,
      iamAuthentication: spec.target.iamAuthentication, logExports: spec.target.logExports ?? [],
      deletionProtection: false,
      // A restore has its backups back with its other settings.
      backupRetentionDays: lowering.mode == .drill ? backupRetentionDays : nil, tags: [:])
  }

  private func node<S: ObservingStep>(
    _ name: String, _ step: S, after needed: [String]
  ) -> StepNode {
    StepNode(
      id(name), step, component: component.name, dependsOn: needed,
      policy: StepPolicy(timeout: .seconds(300)))
  }

  private func change<S: ChangingStep>(
    _ name: String, _ step: S, after needed: [String]
  ) -> StepNode {
    StepNode(
      id(name), step, component: component.name, dependsOn: needed,
      policy: StepPolicy(
        timeout: spec.timeouts.promote, attempts: Self.changeAttempts, expected: .seconds(300)))
  }
}
