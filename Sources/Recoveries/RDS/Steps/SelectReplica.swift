import AWSClient
import Platform
import RunEngine
import RunJournal

/// Checks the read replica that stands by in the recovery region.
///
/// A promotion is for ever. A drill therefore promotes a replica of the replica, which needs the
/// standby to keep automated backups (RDS User Guide, "Using cascading read replicas").
struct SelectReplica: ObservingStep {
  typealias Output = RDSRecoveryPoint

  static let kind = "rds.select-replica"
  static let phase = StepPhase.prepare

  let aws: AWSAccess
  /// The instance that is lost.
  let instance: String
  let replica: String
  let mustBeEncrypted: Bool

  var summary: String { "check that \(replica) replicates \(instance)" }
  var calls: [PlannedCall] { aws.watch(replica) }

  func observe(_ context: StepContext) async throws -> Observation<RDSRecoveryPoint> {
    guard let found = try await aws.instance(replica, context) else {
      throw refusal("the region has no instance of that name", fix: "Correct the replica's name.")
    }
    if DBInstanceStatus(found.status) == .stuck {
      throw await RDSProblems.stuck(found, aws, context)
    }
    try checkReplication(of: found, context)
    if mustBeEncrypted, !found.isEncrypted {
      throw RDSProblems.notEncrypted("replica \(replica)", region: aws.region)
    }
    guard let endpoint = found.endpoint else { return .waiting(Progress("no endpoint yet")) }
    if let queue = found.queue {
      context.note(
        Finding(
          .warning,
          "\(queue). The promotion does not wait for them, but settings that a restore puts back behind it "
            + "are applied immediately, which sets these off too, in the middle of the recovery: let them be "
            + "done, or take them back, beforehand."))
    }
    let record = InstanceRecord(
      identifier: found.identifier, resourceID: found.resourceID, region: aws.region,
      address: endpoint.address, port: endpoint.port, engineVersion: found.engineVersion,
      instanceClass: found.instanceClass)
    return .ready(
      RDSRecoveryPoint(
        source: .replica(record), at: nil, engine: found.engine,
        engineVersion: found.engineVersion, isEncrypted: found.isEncrypted,
        kmsKeyID: found.kmsKeyID, name: "read replica \(found.identifier)"))
  }

  private func checkReplication(of found: DBInstance, _ context: StepContext) throws {
    let source = found.replicates?.split(separator: ":").last.map(String.init)
    guard source?.lowercased() == instance.lowercased() else {
      throw refusal(
        source.map { "it replicates \($0)" } ?? "it is no replica: somebody may have promoted it",
        fix: "Name a read replica of \(instance) in the plan.")
    }
    if context.mode == .drill, found.backupRetentionDays == 0 {
      throw refusal(
        "a drill promotes a replica of it, and it keeps no automated backups to make one from",
        fix: "Set its backup retention to a day or more (ModifyDBInstance).")
    }
    // A replica that has lost its source says so; when the source is lost, that is to be expected.
    if let status = found.replicationStatus, status != "replicating" {
      context.note(
        Finding(.warning, "The replication of \(found.identifier) stands at '\(status)'."))
    }
  }

  private func refusal(_ reason: String, fix: String) -> Problem {
    Problem(
      "the replica cannot be promoted", on: "\(replica) in \(aws.region)", because: reason, fix: fix
    )
  }
}
