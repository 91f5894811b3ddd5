import BucketComparison
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// Turns an `s3` component into steps.
///
/// A drill checks that the replica is there and how far behind it is; it changes nothing but a canary.
/// A restore fills a fresh bucket from the replica, or mends the replica, as the plan says; the
/// source is only asked when it is to be mended from.
struct S3Lowering {
  /// The names of its steps.
  static let steps: Set<String> = [
    "buckets", "replication", "metrics", "canary", "canary-cleanup", "compare", "agree", "repair",
    "scratch", "lacking", "rehydrate", "compare-again", "complete", "rehydrated",
    "scratch-cleanup",
  ]

  let component: Component
  let spec: S3Component
  let lowering: Lowering

  func nodes(after needed: [String]) -> [StepNode] {
    if lowering.mode == .restore, let rehydration = spec.rehydrate {
      return rehydrate(rehydration, after: needed)
    }
    if lowering.mode == .restore, spec.repair == .none { return takeOver(after: needed) }
    return examine(after: needed)
  }

  func id(_ step: String) -> String { "\(component.name).\(step)" }

  private var source: S3Side {
    S3Side(
      spec.source, lowering.client, region: lowering.plan.primaryRegion, keys: spec.sourceKeys)
  }

  var replica: S3Side {
    S3Side(
      spec.replica, lowering.client, region: lowering.plan.recoveryRegion, keys: spec.replicaKeys)
  }

  /// A step that goes to both buckets.
  private func between<S>(_ make: (_ source: S3Side, _ replica: S3Side) -> S) -> S {
    let source = source
    return make(source, replica.beside(source))
  }

  var look: StepPolicy { StepPolicy(timeout: .seconds(300)) }

  func node<S: ObservingStep>(
    _ name: String, _ step: S, after: [String], _ policy: StepPolicy? = nil
  ) -> StepNode {
    StepNode(
      id(name), step, component: component.name, dependsOn: after, policy: policy ?? look)
  }

  /// The checks of a drill, and what a restore mends.
  private func examine(after needed: [String]) -> [StepNode] {
    var nodes = [
      node(
        "buckets",
        between { source, replica in
          CheckBuckets(
            source: source, replica: replica, needsVersioning: true,
            comparesVersions: spec.includesVersions,
            reports: inventories.map { [$0.source, $0.replica].map { $0.beside(source) } } ?? [])
        },
        after: needed),
      node(
        "replication",
        between {
          CheckReplication(
            source: $0, replica: $1, prefixes: spec.prefixes, maximumLag: spec.maximumLag,
            bucketsStep: id("buckets"))
        },
        after: [id("buckets")]),
      node(
        "metrics",
        between {
          ReadReplicationMetrics(
            source: $0, replica: $1, maximumLag: spec.maximumLag,
            replicationStep: id("replication"))
        },
        after: [id("replication")]),
    ]
    if spec.hasCanary { nodes.append(canary) }
    if let comparison = comparison("compare", after: [id("replication")]) {
      nodes.append(comparison)
      nodes += repair()
      nodes.append(complete(after: spec.repairs(in: lowering.mode) ? "compare-again" : "compare"))
    }
    nodes += rehydrationDrill()
    if spec.hasCanary { nodes.append(canaryRemoval(after: nodes.map(\.id))) }
    return nodes
  }

  /// What there is to do when users simply go over to the replica.
  private func takeOver(after needed: [String]) -> [StepNode] {
    [
      node(
        "buckets", CheckBuckets(source: nil, replica: replica, needsVersioning: false),
        after: needed),
      StepNode(
        id("verified"), NoteVerified(checks: 1), component: component.name,
        dependsOn: [id("buckets")], policy: look),
    ]
  }

  /// The buckets of inventory reports, each in the region of what was listed.
  private var inventories: (source: S3Side, replica: S3Side)? {
    guard spec.compare == .full else { return nil }
    return spec.inventory.map { inventory in
      let side = { (place: S3InventoryPlace, region: String) in
        S3Side(place.bucket, lowering.client, region: region, keys: place.keys)
      }
      return (
        side(inventory.source, lowering.plan.primaryRegion),
        side(inventory.replica, lowering.plan.recoveryRegion)
      )
    }
  }

  /// - Parameter isFresh: whether it has to see what was changed just now, as no report of an inventory does.
  private func comparison(_ name: String, after: [String], isFresh: Bool = false) -> StepNode? {
    let options = BucketComparison.Options(
      prefixes: spec.prefixes, includesVersions: spec.includesVersions, parallel: spec.parallel)
    let purpose = CompareBuckets.Purpose.replication(
      bucketsStep: id("buckets"), replicationStep: id("replication"))
    let policy = StepPolicy(timeout: spec.timeouts.compare, expected: .seconds(120))
    switch spec.compare {
    case .none: return nil
    case .full:
      let comparison = between {
        CompareBuckets(
          from: $0, to: $1, purpose: purpose, options: options, maximumLag: spec.maximumLag,
          replicatedSince: spec.replicatedSince, folder: lowering.attachmentsFolder)
      }
      guard let inventory = spec.inventory, let sides = inventories, !isFresh else {
        return node(name, comparison, after: after, policy)
      }
      let reports = { (side: S3Side, place: S3InventoryPlace) in
        S3InventoryReports(side: side.beside(comparison.from), prefix: place.prefix)
      }
      return node(
        name,
        CompareInventories(
          comparison: comparison, source: reports(sides.source, inventory.source),
          replica: reports(sides.replica, inventory.replica)),
        after: after, policy)
    case .sample(let count):
      return node(
        name,
        between {
          SampleBuckets(
            source: $0, replica: $1, purpose: purpose, prefixes: spec.prefixes, count: count,
            maximumLag: spec.maximumLag, replicatedSince: spec.replicatedSince)
        },
        after: after, policy)
    }
  }

  /// A repair changes a bucket in use, so that a person agrees to it when it is known what it is.
  private func repair() -> [StepNode] {
    guard lowering.mode == .restore, spec.compare == .full else { return [] }
    let agreement = StepNode(
      id("agree"),
      AgreeToRepair(
        approval: AwaitApproval(needed: 1, stateOption: lowering.stateOption),
        comparisonStep: id("compare")),
      component: component.name,
      dependsOn: [id("compare")] + lowering.approvalStep,
      policy: StepPolicy(timeout: .seconds(30 * 86_400), waitsForPerson: true))
    switch spec.repair {
    case .none: return []
    case .batch:
      return [
        node(
          "repair",
          PrepareBatchJob(
            source: source, replica: replica, comparisonStep: id("compare"),
            role: spec.batchRole ?? "", folder: lowering.attachmentsFolder),
          after: [id("compare")], StepPolicy(timeout: spec.timeouts.copy, attempts: 20))
      ]
    case .copy:
      return [
        agreement,
        copy(
          "repair", between { ObjectCopier(from: $0, to: $1, replacesNewer: true) },
          of: spec.prefixes, after: "compare", "agree"),
        comparison("compare-again", after: [id("repair")], isFresh: true),
      ].compactMap { $0 }
    }
  }

  func copy(
    _ name: String, _ copier: ObjectCopier, of prefixes: [String], after comparison: String,
    _ more: String...
  ) -> StepNode {
    StepNode(
      id(name),
      CopyObjects(copier: copier, comparisonStep: id(comparison), prefixes: prefixes),
      component: component.name,
      dependsOn: [id(comparison)] + more.map(id) + lowering.approvalStep,
      policy: StepPolicy(timeout: spec.timeouts.copy, attempts: 20, expected: .seconds(600)))
  }

  func complete(_ name: String = "complete", after comparison: String) -> StepNode {
    node(
      name,
      ConfirmComparison(
        comparisonStep: id(comparison), what: "nothing is missing that should be there"),
      after: [id(comparison)])
  }

  private var sendCanary: SendCanary {
    between {
      SendCanary(
        source: $0, replica: $1, prefix: spec.prefixes.first ?? "",
        tags: RunTags(plan: lowering.plan.tags, lifetime: lowering.plan.timeout),
        bucketsStep: id("buckets"), replicationStep: id("replication"))
    }
  }

  private var canary: StepNode {
    StepNode(
      id("canary"), sendCanary, component: component.name,
      dependsOn: [id("replication")] + lowering.approvalStep,
      policy: StepPolicy(timeout: spec.timeouts.canary, expected: .seconds(30)))
  }

  private func canaryRemoval(after steps: [String]) -> StepNode {
    StepNode(
      removing: sendCanary, madeBy: id("canary"), as: id("canary-cleanup"),
      component: component.name, dependsOn: steps, policy: StepPolicy(timeout: .seconds(300)))
  }
}

extension S3Component {
  /// Whether a run of that mode copies what the replica lacks.
  func repairs(in mode: RunMode) -> Bool {
    mode == .restore && repair == .copy && compare == .full
  }
}
