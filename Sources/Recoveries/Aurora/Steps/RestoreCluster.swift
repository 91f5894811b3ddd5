import AWSClient
import Platform
import RunEngine
import RunJournal

/// Makes a new Aurora cluster from the recovery point. It has no instance yet, so nobody can connect.
struct RestoreCluster: RemovableStep {
  typealias Output = ClusterRecord

  static let kind = "aurora.restore-cluster"
  static let phase = StepPhase.recover
  /// How often in a row RDS must say that the cluster is usable.
  private static let confirmations = 3

  struct Intent: Codable, Sendable, Equatable {
    let identifier: String
    let point: ClusterRecoveryPoint
    let target: ClusterTarget
    let proof: OwnershipProof
    let decidedAt: Timestamp
  }

  let aws: AWSAccess
  let identifier: String
  let target: ClusterTarget
  let tags: RunTags
  let mustBeEncrypted: Bool
  let recoveryPointStep: String
  /// The kind of source that the way back has, for those who read the plan.
  let planned: ClusterRecoveryPoint.Source
  /// Looks once more how near to the incident the backups come, right before the restore.
  let renewal: SelectClusterPoint?
  private let streak = Streak()

  init(
    aws: AWSAccess, identifier: String, target: ClusterTarget, tags: RunTags,
    mustBeEncrypted: Bool, recoveryPointStep: String, planned: ClusterRecoveryPoint.Source,
    renewal: SelectClusterPoint? = nil
  ) {
    self.aws = aws
    self.identifier = identifier
    self.target = target
    self.tags = tags
    self.mustBeEncrypted = mustBeEncrypted
    self.recoveryPointStep = recoveryPointStep
    self.planned = planned
    self.renewal = renewal
  }

  var summary: String { "restore cluster \(identifier)" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete cluster \(identifier)" }
  var made: String { "cluster \(identifier) in \(aws.region)" }
  var cost: String { "RDS bills its storage and backups until it is deleted." }
  var appearsWithin: Duration { MadeInstance.invisibleFor }
  var calls: [PlannedCall] {
    let found = aws.plan(DescribeDBClusters(identifier: identifier)).finding(
      .init("cluster", at: "DBClusters[0].DBClusterIdentifier"))
    return [creation.waiting(with: aws.untilClusterAvailable(identifier)), found] + look.dropFirst()
      + (renewal?.look ?? [])
  }
  var removalCalls: [PlannedCall] {
    look + [aws.plan(DeleteDBCluster(identifier: identifier), tags: .onResource)]
  }
  private var look: [PlannedCall] { aws.watch(.cluster, identifier) }
  private var creation: PlannedCall {
    var target = target
    target.tags = tags.planned
    return switch planned {
    case .snapshot(let snapshot):
      aws.plan(
        RestoreDBClusterFromSnapshot(
          identifier: identifier, snapshot: snapshot, engine: "<engine>", target: target),
        tags: .onRequest)
    case .pointInTime(let source, let moment):
      aws.plan(
        RestoreDBClusterToPointInTime(
          identifier: identifier, source: source, moment: moment, target: target),
        tags: .onRequest
      ).remarking(RecoveryBound.remark("--restore-to-time"))
    }
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let selected = try selected(context)
    let source = try await renewal?.renewed(selected.source, context) ?? selected.source
    let point = selected.from(source)
    let proof = try OwnershipProof(
      of: Untagged(identifier: identifier, point: point.source, target: target), context)
    var tagged = target
    tagged.tags = tags.tags(proof, context)
    return Intent(
      identifier: identifier, point: point, target: tagged, proof: proof,
      decidedAt: context.time.now().wall)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<ClusterIdentity> {
    guard let cluster = try await aws.cluster(intent.identifier, context) else { return .absent }
    guard intent.proof.holds(for: cluster.tags, run: context.run) else {
      return .foreign("cluster \(intent.identifier) (\(cluster.resourceID)) in \(aws.region)")
    }
    return .ours(ClusterIdentity(identifier: intent.identifier, resourceID: cluster.resourceID))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> ClusterIdentity {
    let made: DBCluster
    switch intent.point.source {
    case .snapshot(let snapshot):
      made = try await aws.send(
        RestoreDBClusterFromSnapshot(
          identifier: intent.identifier, snapshot: snapshot, engine: intent.point.engine,
          target: intent.target), context)
    case .pointInTime(let source, let moment):
      made = try await aws.send(
        RestoreDBClusterToPointInTime(
          identifier: intent.identifier, source: source, moment: moment, target: intent.target),
        context)
    }
    return ClusterIdentity(identifier: intent.identifier, resourceID: made.resourceID)
  }

  func observe(
    _ intent: Intent, _ identity: ClusterIdentity, _ context: StepContext
  ) async throws -> Observation<ClusterRecord> {
    guard let cluster = try await current(identity, context) else {
      streak.reset()
      guard context.time.now().wall - intent.decidedAt < MadeInstance.invisibleFor else {
        throw notOurs(identity, because: "RDS accepted the restore but does not know the cluster")
      }
      return .waiting(Progress("not visible yet"))
    }
    switch DBInstanceStatus(cluster.status) {
    case .stuck: throw await RDSProblems.stuck(cluster, aws, context)
    case .unknown, .progressing:
      streak.reset()
      return .waiting(Progress(cluster.status))
    case .usable: break
    }
    if mustBeEncrypted, !cluster.isEncrypted {
      throw RDSProblems.notEncrypted("cluster \(cluster.identifier)", region: aws.region)
    }
    guard streak.extend() >= Self.confirmations else {
      return .waiting(Progress("\(cluster.status), confirming", isNear: true))
    }
    try noteRenewal(intent, context)
    return .ready(
      ClusterRecord(
        identifier: cluster.identifier, resourceID: cluster.resourceID, engine: cluster.engine,
        engineVersion: cluster.engineVersion))
  }

  private func selected(_ context: StepContext) throws -> ClusterRecoveryPoint {
    try context.output(of: recoveryPointStep, as: ClusterRecoveryPoint.self)
  }

  /// The recovery point that counts is the one in the intent, which a later process has too.
  private func noteRenewal(_ intent: Intent, _ context: StepContext) throws {
    guard case .pointInTime(_, let moment?) = intent.point.source,
      try intent.point != selected(context)
    else { return }
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: moment, evidence: .serviceField,
        source: SelectPointInTime.restoredTo))
  }

  /// The cluster goes when its instances have gone.
  func remove(
    _ identity: ClusterIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    guard let cluster = try await current(identity, context) else {
      return .ready(Removed(what: made))
    }
    guard cluster.tags[OwnershipTags.run] == context.run.description else {
      throw notOurs(identity, because: "it does not carry this run's tag; it was left alone")
    }
    if cluster.status == "deleting" { return .waiting(Progress("deleting")) }
    do {
      _ = try await aws.send(DeleteDBCluster(identifier: identity.identifier), context)
      return .waiting(Progress("deleting"))
    } catch let error as AWSError where error.code == "InvalidDBClusterStateFault" {
      return .waiting(Progress("\(cluster.status), cannot be deleted yet"))
    } catch let error as AWSError where error.mayHaveTakenEffect {
      return .waiting(Progress("deleting, unconfirmed"))
    }
  }

  private func current(
    _ identity: ClusterIdentity, _ context: StepContext
  ) async throws -> DBCluster? {
    let cluster = try await aws.cluster(identity.identifier, context)
    if let cluster, cluster.resourceID != identity.resourceID {
      throw notOurs(
        identity,
        because: "it is \(cluster.resourceID), and this run made \(identity.resourceID)")
    }
    return cluster
  }

  private func notOurs(_ identity: ClusterIdentity, because reason: String) -> Problem {
    Problem(
      "a cluster is not the one this run made", on: "\(identity.identifier) in \(aws.region)",
      because: reason,
      fix: "Look at the cluster and its tags; delete it by hand if nobody needs it."
    )
  }

  private struct Untagged: Encodable {
    let identifier: String
    let point: ClusterRecoveryPoint.Source
    let target: ClusterTarget
  }
}
