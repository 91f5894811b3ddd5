import BucketComparison
import Platform
import RecoveryPlan
import RunEngine
import RunJournal

/// The steps that bring objects back from the replica: all of them in a restore, some in a drill.
extension S3Lowering {
  /// Fills a bucket from the replica, and compares again.
  func rehydrate(_ rehydration: S3Rehydration, after needed: [String]) -> [StepNode] {
    let target = side(
      of: rehydration, bucket: rehydration.target, keys: rehydration.targetKeys)
    return [
      node(
        "buckets",
        CheckBuckets(
          source: replica.beside(target), replica: target, needsVersioning: false),
        after: needed)
    ]
      + bringBack(
        to: target, rehydration.prefixes, objective: lowering.plan.rpo, after: "buckets")
      + [complete(after: "compare-again")]
  }

  /// Proves in a bucket of the drill's own that objects can be brought back, and how long it takes.
  func rehydrationDrill() -> [StepNode] {
    guard lowering.mode == .drill, let rehydration = spec.rehydrate, !rehydration.drill.isEmpty
    else { return [] }
    let target = side(
      of: rehydration,
      bucket: MakeScratchBucket.name(for: rehydration.target, run: lowering.run))
    let tags = RunTags(plan: lowering.plan.tags, lifetime: lowering.plan.timeout)
    let made = StepNode(
      id("scratch"), MakeScratchBucket(side: target, runTags: tags), component: component.name,
      dependsOn: [id("buckets")] + lowering.approvalStep, policy: look)
    let nodes =
      [made]
      + bringBack(to: target, rehydration.drill, objective: nil, after: "scratch")
      + [complete("rehydrated", after: "compare-again")]
    return nodes + [
      StepNode(
        removing: MakeScratchBucket(side: target.afresh, runTags: tags), madeBy: made.id,
        as: id("scratch-cleanup"), component: component.name, dependsOn: nodes.map(\.id),
        policy: StepPolicy(timeout: spec.timeouts.copy))
    ]
  }

  private func side(
    of rehydration: S3Rehydration, bucket: String, keys: [String] = []
  ) -> S3Side {
    S3Side(
      bucket, lowering.client,
      region: rehydration.isInPrimaryRegion
        ? lowering.plan.primaryRegion : lowering.plan.recoveryRegion, keys: keys)
  }

  /// Copies what a bucket lacks of the replica, and compares again.
  private func bringBack(
    to target: S3Side, _ prefixes: [String], objective: Duration?, after needed: String
  ) -> [StepNode] {
    let compare = { (name: String, isBefore: Bool, after: String) in
      let target = target.afresh
      return node(
        name,
        CompareBuckets(
          from: replica.beside(target), to: target,
          purpose: .copy(
            bucketsStep: id("buckets"), .init(isBefore: isBefore, objective: objective)),
          options: .init(prefixes: prefixes, parallel: spec.parallel), maximumLag: .zero,
          replicatedSince: nil, folder: lowering.attachmentsFolder),
        after: [id(after)], StepPolicy(timeout: spec.timeouts.compare, expected: .seconds(120)))
    }
    let copied = target.afresh
    return [
      compare("lacking", true, needed),
      copy(
        "rehydrate",
        ObjectCopier(from: replica.beside(copied), to: copied, replacesNewer: false),
        of: prefixes,
        after: "lacking"),
      compare("compare-again", false, "rehydrate"),
    ]
  }
}
