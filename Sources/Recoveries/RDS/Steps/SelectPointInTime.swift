import AWSClient
import Platform
import RunEngine
import RunJournal

/// Finds the instance's automated backups in the recovery region and the moment to restore to: the
/// one asked for, else the latest restorable one that is not after the loss.
struct SelectPointInTime: ObservingStep {
  typealias Output = RDSRecoveryPoint

  static let kind = "rds.select-point-in-time"
  static let phase = StepPhase.prepare

  let aws: AWSAccess
  let instance: String
  /// The moment asked for on the command line.
  let asked: Timestamp?
  let mustBeEncrypted: Bool
  /// Whether only backups that are replicated from another region count.
  let onlyReplicated: Bool

  var summary: String { "find the moment that \(instance) can be restored to" }
  var calls: [PlannedCall] {
    let newest = "sort_by(DBInstanceAutomatedBackups, &RestoreWindow.LatestTime)[-1]"
    return [
      aws.plan(DescribeDBInstanceAutomatedBackups(instance: instance)).finding(
        .init("automated backups", at: "\(newest).DBInstanceAutomatedBackupsArn"),
        .init("identity", at: "\(newest).DbiResourceId"))
    ]
  }

  func observe(_ context: StepContext) async throws -> Observation<RDSRecoveryPoint> {
    let backups = try await backups(context)
    let counted = onlyReplicated ? backups.filter(isReplicated) : backups
    guard let backup = Self.best(of: counted), let latest = backup.latestTime else {
      throw noBackup(counted)
    }
    if mustBeEncrypted, !backup.isEncrypted {
      throw RDSProblems.notEncrypted("the automated backups of \(instance)", region: aws.region)
    }
    let chosen = try moment(in: backup, latest: latest, context)
    let at = chosen ?? latest
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: at,
        evidence: .serviceField,
        source: chosen == nil
          ? "RestoreWindow.LatestTime of \(backup.arn ?? backup.resourceID)"
          : "the moment restored to"))
    return .ready(
      RDSRecoveryPoint(
        source: .pointInTime(source(of: backup), moment: chosen), at: at, engine: backup.engine,
        engineVersion: backup.engineVersion, isEncrypted: backup.isEncrypted,
        kmsKeyID: backup.kmsKeyID,
        name: chosen.map { "point in time \($0)" } ?? "latest restorable time \(latest)"))
  }

  private func backups(_ context: StepContext) async throws -> [DBInstanceAutomatedBackup] {
    do {
      return try await aws.send(DescribeDBInstanceAutomatedBackups(instance: instance), context)
    } catch let error as AWSError where error.code == "DBInstanceAutomatedBackupNotFound" {
      return []
    }
  }

  /// The backups that reach furthest; an instance made anew under an old name has two sets.
  static func best(of backups: [DBInstanceAutomatedBackup]) -> DBInstanceAutomatedBackup? {
    let usable = backups.filter { $0.latestTime != nil }
    return usable.max { ($0.latestTime ?? .distantPast) < ($1.latestTime ?? .distantPast) }
  }

  /// Nil stands for the latest restorable time.
  private func moment(
    in backup: DBInstanceAutomatedBackup, latest: Timestamp, _ context: StepContext
  ) throws -> Timestamp? {
    if let asked {
      guard asked <= latest, asked >= backup.earliestTime ?? .distantPast else {
        throw Problem(
          "the moment asked for cannot be restored", on: "\(instance) in \(aws.region)",
          because: "backups reach from \(backup.earliestTime?.description ?? "an unknown time") to "
            + "\(latest), and \(asked) lies outside",
          fix: "Give a --point-in-time inside that window.")
      }
      return asked.wholeSecond
    }
    guard latest > context.incident else { return nil }
    context.note(
      Finding(
        .note,
        "Backups reach beyond the incident; \(instance) is restored to the incident's second, "
          + "not to the latest restorable time \(latest)."))
    return context.incident.wholeSecond
  }

  /// Replicated backups can only be named by their ARN; those of the own region by the instance.
  private func source(
    of backup: DBInstanceAutomatedBackup
  ) -> RestoreDBInstanceToPointInTime.Source {
    if isReplicated(backup), let arn = backup.arn { return .automatedBackups(arn) }
    return .resourceID(backup.resourceID)
  }

  private func isReplicated(_ backup: DBInstanceAutomatedBackup) -> Bool {
    backup.instanceARN.map { !$0.contains(":rds:\(aws.region):") } ?? false
  }

  private func noBackup(_ backups: [DBInstanceAutomatedBackup]) -> Problem {
    let states = backups.map(\.status).joined(separator: ", ")
    return Problem(
      "there is nothing to restore from", on: "\(instance) in \(aws.region)",
      because: backups.isEmpty
        ? "the region has no \(onlyReplicated ? "replicated" : "automated") backups of the instance"
        : "no automated backup has a restore window (status: \(states))",
      fix: "Check the instance's name and the plan's regions; backups reach another region only "
        + "when their replication to it is on (StartDBInstanceAutomatedBackupsReplication).")
  }
}

extension Timestamp {
  static let distantPast = Timestamp(nanoseconds: .min)

  /// RDS restores to whole seconds.
  var wholeSecond: Timestamp { Timestamp(unixSeconds: unixSeconds) }
}
