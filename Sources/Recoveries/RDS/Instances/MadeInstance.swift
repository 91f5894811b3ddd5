import AWSClient
import Platform
import RunEngine
import RunJournal

/// An instance that a step of a run makes: found by its name and proven by its tags, watched until
/// it is usable, removed when a drill ends.
struct MadeInstance: Sendable {
  /// How long after the call an instance may be invisible to reads.
  static let invisibleFor: Duration = .seconds(120)
  static let cost = "RDS bills it by the hour, and its storage and backups, until it is deleted."

  let aws: AWSAccess
  let identifier: String
  private let readiness: InstanceReadiness

  init(aws: AWSAccess, identifier: String, mustBeEncrypted: Bool) {
    self.aws = aws
    self.identifier = identifier
    readiness = InstanceReadiness(aws: aws, mustBeEncrypted: mustBeEncrypted)
  }

  /// The calls that removing it may make.
  var removalCalls: [PlannedCall] {
    aws.watch(identifier)
      + [aws.plan(DeleteDBInstance(identifier: identifier), tags: .onResource)]
  }

  /// For people.
  var name: String { "database instance \(identifier) in \(aws.region)" }

  func find(_ proof: OwnershipProof, _ context: StepContext) async throws -> Existing<
    InstanceIdentity
  > {
    guard let instance = try await aws.instance(identifier, context) else { return .absent }
    guard proof.holds(for: instance.tags, run: context.run) else {
      let made = instance.createdAt.map { ", made at \($0)" } ?? ""
      return .foreign(
        "database instance \(identifier) (\(instance.resourceID)\(made)) in \(aws.region)")
    }
    return .ours(InstanceIdentity(identifier: identifier, resourceID: instance.resourceID))
  }

  /// - Parameter decidedAt: when it was decided to make the instance.
  func observe(
    _ identity: InstanceIdentity, decidedAt: Timestamp, _ context: StepContext
  ) async throws -> Observation<InstanceRecord> {
    guard let instance = try await current(identity, context) else {
      readiness.reset()
      guard context.time.now().wall - decidedAt < Self.invisibleFor else {
        throw Problem(
          "the restored instance is gone", on: "\(identity.identifier) in \(aws.region)",
          because: "RDS accepted the call but does not know the instance",
          fix: "Look in CloudTrail who deleted it; then run the plan again.")
      }
      return .waiting(Progress("not visible yet"))
    }
    return try await readiness.judge(instance, context)
  }

  func remove(
    _ identity: InstanceIdentity, _ context: StepContext
  ) async throws -> Observation<Removed> {
    guard let instance = try await current(identity, context) else {
      return .ready(Removed(what: name))
    }
    guard instance.tags[OwnershipTags.run] == context.run.description else {
      throw RDSProblems.notOurs(
        identity.identifier, region: aws.region, because: "it does not carry this run's tag")
    }
    if instance.status == "deleting" { return .waiting(Progress("deleting")) }
    do {
      _ = try await aws.send(
        DeleteDBInstance(identifier: identity.identifier, isOfCluster: instance.cluster != nil),
        context)
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
  private func current(
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
}
