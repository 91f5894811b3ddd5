import AWSClient
import Platform
import RunEngine
import RunJournal

/// Lets the standby of a Multi-AZ instance take over, and measures how long nobody answered.
///
/// That RDS takes the call is no proof: it drops a failover that follows another too closely
/// (RDS-EVENT-0034). The zones before and after are.
struct FailOver: ChangingStep {
  typealias Output = InstanceRecord

  static let kind = "rds.fail-over"
  static let phase = StepPhase.recover

  struct Intent: Codable, Sendable, Equatable {
    let identity: InstanceIdentity
    let zone: String?
    let decidedAt: Timestamp
    /// What waits for the maintenance window; runs of older versions did not note it.
    let queued: [String]?
  }

  let aws: AWSAccess
  let instanceStep: String
  let planned: PlannedInstance
  let database: RestoredDatabase
  private let readiness: InstanceReadiness
  private let outage: OutageWatch

  init(
    aws: AWSAccess, instanceStep: String, planned: PlannedInstance, database: RestoredDatabase
  ) {
    self.aws = aws
    self.instanceStep = instanceStep
    self.planned = planned
    self.database = database
    readiness = InstanceReadiness(aws: aws, mustBeEncrypted: false)
    outage = OutageWatch(database: database)
  }

  var summary: String { "let the standby take over" }
  var effects: [PlannedEffect] {
    [PlannedEffect(.changes, "a Multi-AZ instance in \(aws.region): its standby takes over")]
  }
  var calls: [PlannedCall] {
    let request = RebootDBInstance(identifier: planned.identifier, forcesFailover: true)
    let takeover = aws.plan(request, tags: planned.tagRule)
      .waiting(with: aws.untilAvailable(planned.identifier))
    return [takeover, aws.locate(planned.identifier)] + aws.watch(planned.identifier).dropFirst()
  }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let record = try context.output(of: instanceStep, as: InstanceRecord.self)
    let instance = try await aws.own(record.identity, context)
    guard instance.isMultiAZ else {
      throw Problem(
        "no standby can take over", on: "\(record.identifier) in \(aws.region)",
        because: "the instance is not Multi-AZ", fix: "Choose another way back in the plan.")
    }
    return Intent(
      identity: record.identity, zone: instance.zone, decidedAt: context.time.now().wall,
      queued: instance.pendingChanges)
  }

  func find(_ intent: Intent, _ context: StepContext) async throws -> Existing<InstanceIdentity> {
    let instance = try await aws.own(intent.identity, context)
    return instance.status == "rebooting" || instance.zone != intent.zone
      ? .ours(intent.identity) : .absent
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> InstanceIdentity {
    try await aws.checkUsable(intent.identity, context)
    outage.begin(beforeTheChange: true, context)
    _ = try await aws.send(
      RebootDBInstance(identifier: intent.identity.identifier, forcesFailover: true), context)
    return intent.identity
  }

  func observe(
    _ intent: Intent, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    outage.begin(beforeTheChange: false, context)
    let instance = try await aws.own(identity, context)
    let record: InstanceRecord
    switch try await readiness.judge(instance, queued: intent.queued ?? [], context) {
    case .waiting(let progress): return .waiting(progress)
    case .ready(let ready): record = ready
    }
    guard instance.zone != intent.zone else {
      try await checkNotDropped(intent, context)
      return .waiting(Progress("\(instance.status), still in \(intent.zone ?? "the old zone")"))
    }
    guard outage.isAnswering else {
      return .waiting(Progress("the database does not answer", isNear: true))
    }
    outage.end(of: identity.identifier, context)
    return .ready(record)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceRecord {
    try context.output(of: instanceStep, as: InstanceRecord.self)
  }

  private func checkNotDropped(_ intent: Intent, _ context: StepContext) async throws {
    let events = try await aws.send(
      DescribeEvents(.instance, intent.identity.identifier, minutes: RDSProblems.eventMinutes),
      context)
    let words = ["abandoning user requested failover", "isn't attempting a requested failover"]
    let dropped = events.first { event in
      (event.at ?? .distantPast) >= intent.decidedAt
        && words.contains(where: event.message.lowercased().contains)
    }
    guard let dropped else { return }
    throw Problem(
      "the standby did not take over", on: "\(intent.identity.identifier) in \(aws.region)",
      because: "RDS says: \(dropped.message)",
      fix: "Wait until the last failover is some minutes past, then retry the step.")
  }
}
