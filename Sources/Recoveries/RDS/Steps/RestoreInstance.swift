import AWSClient
import Cryptography
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Makes a new instance from the recovery point and waits until RDS holds it for usable.
struct RestoreInstance: RemovableStep {
  typealias Output = InstanceRecord

  static let kind = "rds.restore"
  static let phase = StepPhase.recover
  /// How often in a row RDS must say that the instance is usable.
  static let confirmations = 3
  /// How long after the call an instance may be invisible to reads.
  static let invisibleFor: Duration = .seconds(120)

  struct Intent: Codable, Sendable, Equatable {
    let identifier: String
    let point: RDSRecoveryPoint.Source
    let target: RestoreTarget
    /// The step that decided, which the tags name; removal goes by it too.
    let step: String
    let requestDigest: String
    let decidedAt: Timestamp
  }

  let aws: AWSAccess
  let identifier: String
  let target: RestoreTarget
  let planTags: [String: String]
  let mustBeEncrypted: Bool
  let recoveryPointStep: String
  private let streak = Streak()

  init(
    aws: AWSAccess, identifier: String, target: RestoreTarget, planTags: [String: String],
    mustBeEncrypted: Bool, recoveryPointStep: String
  ) {
    self.aws = aws
    self.identifier = identifier
    self.target = target
    self.planTags = planTags
    self.mustBeEncrypted = mustBeEncrypted
    self.recoveryPointStep = recoveryPointStep
  }

  var summary: String { "restore database instance \(identifier)" }
  var effects: [PlannedEffect] { [PlannedEffect(.creates, made)] }
  var removalSummary: String { "delete database instance \(identifier)" }
  var made: String { "database instance \(identifier) in \(aws.region)" }
  var cost: String {
    "RDS bills it by the hour, and its storage and backups, until it is deleted."
  }
  var appearsWithin: Duration { Self.invisibleFor }

  func prepare(_ context: StepContext) async throws -> Intent? {
    let point = try context.output(of: recoveryPointStep, as: RDSRecoveryPoint.self)
    let digest = SHA256.digest(
      of: try JSONValue(
        encoding: Untagged(identifier: identifier, point: point.source, target: target)
      )
      .canonicalBytes()
    ).hex
    var tagged = target
    tagged.tags = OwnershipTags.tags(plan: planTags, context: context, requestDigest: digest)
    return Intent(
      identifier: identifier, point: point.source, target: tagged, step: context.step,
      requestDigest: digest, decidedAt: context.time.now().wall)
  }

  func find(
    _ intent: Intent, _ context: StepContext
  ) async throws -> Existing<InstanceIdentity> {
    guard let instance = try await aws.instance(intent.identifier, context) else { return .absent }
    guard
      OwnershipTags.prove(
        instance.tags, run: context.run, step: intent.step, requestDigest: intent.requestDigest)
    else {
      let made = instance.createdAt.map { ", made at \($0)" } ?? ""
      return .foreign(
        "database instance \(intent.identifier) (\(instance.resourceID)\(made)) in \(aws.region)")
    }
    return .ours(InstanceIdentity(identifier: intent.identifier, resourceID: instance.resourceID))
  }

  func apply(_ intent: Intent, _ context: StepContext) async throws -> InstanceIdentity {
    let made: DBInstance
    switch intent.point {
    case .snapshot(let snapshot):
      made = try await aws.send(
        RestoreDBInstanceFromDBSnapshot(
          identifier: intent.identifier, snapshot: snapshot, target: intent.target), context)
    case .pointInTime(let source, let moment):
      made = try await aws.send(
        RestoreDBInstanceToPointInTime(
          identifier: intent.identifier, source: source, moment: moment, target: intent.target),
        context)
    }
    return InstanceIdentity(identifier: intent.identifier, resourceID: made.resourceID)
  }

  func observe(
    _ intent: Intent, _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    guard let instance = try await made(identity, context) else {
      streak.reset()
      guard context.time.now().wall - intent.decidedAt < Self.invisibleFor else {
        throw Problem(
          "the restored instance is gone", on: "\(identity.identifier) in \(aws.region)",
          because: "RDS accepted the restore but does not know the instance",
          fix: "Look in CloudTrail who deleted it; then run the plan again.")
      }
      return .waiting(Progress("not visible yet"))
    }
    return try await judge(instance, context)
  }

  func unchanged(_ context: StepContext) async throws -> InstanceRecord {
    throw Problem(
      "a restore decided to do nothing", on: context.step, because: "this cannot happen",
      fix: "This is a defect of this program: please report it.")
  }

  private func judge(
    _ instance: DBInstance, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    switch DBInstanceStatus(instance.status) {
    case .stuck: throw await RDSProblems.stuck(instance, aws, context)
    case .unknown:
      streak.reset()
      context.note(
        Finding(
          .note,
          "RDS gave \(instance.identifier) the status '\(instance.status)', which this version does "
            + "not know; it was waited out."))
      return .waiting(Progress(instance.status))
    case .progressing:
      streak.reset()
      return .waiting(Progress(instance.status))
    case .usable: break
    }
    if let missing = missing(instance) {
      streak.reset()
      return .waiting(Progress("\(instance.status), \(missing)", isNear: true))
    }
    if mustBeEncrypted, !instance.isEncrypted {
      throw RDSProblems.notEncrypted("instance \(instance.identifier)", region: aws.region)
    }
    guard let endpoint = instance.endpoint, streak.extend() >= Self.confirmations else {
      return .waiting(Progress("\(instance.status), confirming", isNear: true))
    }
    return .ready(
      InstanceRecord(
        identifier: instance.identifier, resourceID: instance.resourceID, region: aws.region,
        address: endpoint.address, port: endpoint.port, engineVersion: instance.engineVersion,
        instanceClass: instance.instanceClass))
  }

  /// What an instance still lacks although its status says that it serves.
  private func missing(_ instance: DBInstance) -> String? {
    if instance.endpoint == nil { return "no endpoint yet" }
    if let group = instance.securityGroups.first(where: { $0.status != "active" }) {
      return "security group \(group.identifier) is \(group.status)"
    }
    // What waits for a reboot is the next step's matter.
    let settled = ["in-sync", "pending-reboot"]
    if let group = instance.parameterGroups.first(where: { !settled.contains($0.applyStatus) }) {
      return "parameter group \(group.name) is \(group.applyStatus)"
    }
    return instance.pendingChanges.isEmpty
      ? nil : "pending: \(instance.pendingChanges.joined(separator: ", "))"
  }

  func remove(
    _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    guard let instance = try await made(identity, context) else {
      return .ready(Removed(what: made))
    }
    guard instance.tags[OwnershipTags.run] == context.run.description else {
      throw RDSProblems.notOurs(
        identity.identifier, region: aws.region, because: "it does not carry this run's tag")
    }
    if instance.status == "deleting" { return .waiting(Progress("deleting")) }
    do {
      _ = try await aws.send(DeleteDBInstance(identifier: identity.identifier), context)
      return .waiting(Progress("deleting"))
    } catch let error as AWSError where error.code == "InvalidDBInstanceState" {
      return .waiting(Progress("\(instance.status), cannot be deleted yet"))
    } catch let error as AWSError where error.mayHaveTakenEffect {
      // Deleting again does no harm: the next look tells whether it is needed.
      return .waiting(Progress("deleting, unconfirmed"))
    }
  }

  /// The instance that this run made; nil when there is none of that name.
  ///
  /// - Throws: when the name has gone to another instance.
  private func made(
    _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> DBInstance? {
    let instance = try await aws.instance(identity.identifier, context)
    if let instance, instance.resourceID != identity.resourceID {
      throw RDSProblems.notOurs(
        identity.identifier, region: aws.region,
        because: "it is \(instance.resourceID), and this run made \(identity.resourceID)")
    }
    return instance
  }

  private struct Untagged: Encodable {
    let identifier: String
    let point: RDSRecoveryPoint.Source
    let target: RestoreTarget
  }
}
