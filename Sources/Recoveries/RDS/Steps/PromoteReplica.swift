import AWSClient
import Platform
import PostgresClient
import RunEngine
import RunJournal

/// Promotes a read replica to an instance of its own, after reading from it how far it has come.
struct PromoteReplica: ChangingStep {
  typealias Output = InstanceRecord

  static let kind = "rds.promote-replica"
  static let phase = StepPhase.recover

  /// Which replica.
  enum Subject: Sendable {
    /// The one that stands by, as the step checked it.
    case standby(checkedBy: String)
    /// A drill's own.
    case copy(madeBy: String)
  }

  struct Intent: Codable, Sendable, Equatable {
    let identifier: String
    let resourceID: String
    /// What waits for the maintenance window; runs of older versions did not note it.
    let queued: [String]?

    var identity: InstanceIdentity {
      InstanceIdentity(identifier: identifier, resourceID: resourceID)
    }
  }

  /// The newest transaction that a replica has replayed, in microseconds since 1970.
  private static let replayed =
    "select (extract(epoch from pg_last_xact_replay_timestamp()) * 1000000)::bigint"

  let aws: AWSAccess
  let subject: Subject
  let planned: PlannedInstance
  let backupRetentionDays: Int?
  let database: RestoredDatabase
  private let readiness: InstanceReadiness

  init(
    aws: AWSAccess, subject: Subject, planned: PlannedInstance, backupRetentionDays: Int?,
    mustBeEncrypted: Bool,
    database: RestoredDatabase
  ) {
    self.aws = aws
    self.subject = subject
    self.planned = planned
    self.backupRetentionDays = backupRetentionDays
    self.database = database
    readiness = InstanceReadiness(aws: aws, mustBeEncrypted: mustBeEncrypted)
  }

  var summary: String { "promote the read replica" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "a read replica in \(aws.region): promoted, for ever")]
  }
  var calls: [PlannedCall] {
    let request = PromoteReadReplica(
      identifier: planned.identifier, backupRetentionDays: backupRetentionDays)
    let promotion = aws.plan(request, tags: planned.tagRule)
      .waiting(with: aws.untilAvailable(planned.identifier))
    return [promotion, aws.locate(planned.identifier)]
      + aws.watch(planned.identifier).dropFirst()
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let record = try replica(context)
    let instance = try await aws.own(record.identity, context)
    guard instance.replicates != nil else {
      throw Problem(
        "there is no replica to promote", on: "\(record.identifier) in \(aws.region)",
        because: "it has been promoted since it was checked",
        fix: "Look in CloudTrail who did; run the plan again with another way back.")
    }
    await noteReplayed(by: record, context)
    return Intent(
      identifier: record.identifier, resourceID: record.resourceID,
      queued: instance.pendingChanges)
  }

  /// An instance that replicates nothing any more was promoted. One that is being modified may be so for
  /// another reason; while it is being promoted, RDS refuses a second call, and this is asked again.
  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<InstanceIdentity> {
    let instance = try await aws.own(intent.identity, context)
    return instance.replicates == nil ? .ours(intent.identity) : .absent
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> InstanceIdentity {
    try await aws.checkUsable(intent.identity, context)
    _ = try await aws.send(
      PromoteReadReplica(
        identifier: intent.identifier, backupRetentionDays: backupRetentionDays), context)
    return intent.identity
  }

  func observe(
    _ intent: Intent, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    let instance = try await aws.own(identity, context)
    guard instance.replicates == nil || DBInstanceStatus(instance.status) == .stuck else {
      readiness.reset()
      return .waiting(Progress("\(instance.status), still a replica"))
    }
    return try await readiness.judge(instance, queued: intent.queued ?? [], context)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceRecord { try replica(context) }

  private func replica(_ context: StepContext) throws -> InstanceRecord {
    switch subject {
    case .copy(let step): return try context.output(of: step, as: InstanceRecord.self)
    case .standby(let step):
      let point = try context.output(of: step, as: RDSRecoveryPoint.self)
      guard case .replica(let record) = point.source else {
        throw Problem(
          "there is no replica to promote", on: point.name, because: "the recovery point is none",
          fix: "This is a defect of this program: please report it.")
      }
      return record
    }
  }

  /// What the promotion loses, as the replica itself knows it. That it cannot be asked is no reason
  /// not to promote it.
  private func noteReplayed(by replica: InstanceRecord, _ context: StepContext) async {
    do {
      let text = try await database.client(to: replica)
        .scalar(Self.replayed, timeout: .seconds(10))
      guard let at = text.flatMap(Timestamp.init(microsecondsText:)) else { return }
      context.note(
        Moment(
          .recoveryPoint, of: context.component, at: at, evidence: .measured,
          source: "pg_last_xact_replay_timestamp() of \(replica.identifier) before its promotion"))
    } catch {
      context.note(
        Finding(
          .warning,
          "How far \(replica.identifier) had come before its promotion is not known: "
            + "\((error as? any ExplainedError)?.reason ?? "\(error)")."))
    }
  }
}
