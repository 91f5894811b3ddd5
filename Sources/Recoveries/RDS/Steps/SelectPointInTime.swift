import AWSClient
import Platform
import RunEngine
import RunJournal

/// Finds the instance's automated backups in the recovery region and the moment to restore to: the
/// one asked for, else the latest restorable one that is not after the loss. It is always named to RDS:
/// what RDS holds for the latest when the restore begins may lie after the loss.
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

  /// The call of a later look, which is not made in every run.
  var look: [PlannedCall] {
    [aws.plan(DescribeDBInstanceAutomatedBackups(instance: instance), isOptional: true)]
  }

  func observe(_ context: StepContext) async throws -> Observation<RDSRecoveryPoint> {
    let backups = try await backups(context)
    let counted = onlyReplicated ? backups.filter(isReplicated) : backups
    let choices = BackupSets(backups: counted).choices(asked: asked, incident: context.incident)
    guard let choice = choices.first else { throw nothing(in: counted, context) }
    let backup = choice.backup
    if mustBeEncrypted, !backup.isEncrypted {
      throw RDSProblems.notEncrypted("the automated backups of \(instance)", region: aws.region)
    }
    noteDoubts(about: choice, among: choices, context)
    let isAtBound = choice.moment == (asked ?? context.incident).wholeSecond
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: choice.moment, evidence: .serviceField,
        source: isAtBound
          ? Self.restoredTo
          : "the last whole second before RestoreWindow.LatestTime of "
            + (backup.arn ?? backup.resourceID)))
    return .ready(
      RDSRecoveryPoint(
        source: .pointInTime(source(of: backup), moment: choice.moment), at: choice.moment,
        engine: backup.engine, engineVersion: backup.engineVersion,
        isEncrypted: backup.isEncrypted, kmsKeyID: backup.kmsKeyID,
        name: "point in time \(choice.moment)"))
  }

  /// The source of a moment that is known since it was asked for.
  static let restoredTo = "the moment restored to"

  /// The point as it stands right before a restore. While people approve, the backups of an instance that
  /// still runs come nearer to the incident; they are never taken past it.
  func renewed(
    _ point: RDSRecoveryPoint.Source, _ context: StepContext
  ) async throws -> RDSRecoveryPoint.Source {
    guard asked == nil, case .pointInTime(let source, let moment) = point,
      moment != context.incident.wholeSecond
    else { return point }
    let same = try await backups(context).filter { self.source(of: $0) == source }
    let choices = BackupSets(backups: same).choices(asked: nil, incident: context.incident)
    guard let later = choices.first?.moment, later > moment ?? .distantPast else { return point }
    return .pointInTime(source, moment: later)
  }

  private func backups(_ context: StepContext) async throws -> [DBInstanceAutomatedBackup] {
    do {
      return try await aws.send(DescribeDBInstanceAutomatedBackups(instance: instance), context)
    } catch let error as AWSError where error.code == "DBInstanceAutomatedBackupNotFound" {
      return []
    }
  }

  private func noteDoubts(
    about choice: BackupSets.Choice, among choices: [BackupSets.Choice], _ context: StepContext
  ) {
    if asked == nil, choice.latest > context.incident {
      context.note(
        Finding(
          .note,
          "Backups reach beyond the incident; \(instance) is restored to the incident's second, "
            + "not to the latest restorable time \(choice.latest)."))
    }
    let others = choices.map(\.backup).filter { $0.resourceID != choice.backup.resourceID }
    guard let windows = BackupSets(backups: others).windows else { return }
    context.note(
      Finding(
        .warning,
        "Automated backups of different instances carry the name \(instance); those of "
          + "\(choice.backup.resourceID) are restored, to \(choice.moment), and not those of "
          + "\(Set(others.map(\.resourceID)).sorted().joined(separator: ", ")), which reach "
          + "\(windows)."))
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

  private func nothing(
    in backups: [DBInstanceAutomatedBackup], _ context: StepContext
  ) -> Problem {
    guard let windows = BackupSets(backups: backups).windows else { return noBackup(backups) }
    let bound = RecoveryBound(asked: asked, incident: context.incident)
    return Problem(
      asked == nil
        ? "there is nothing to restore from" : "the moment asked for cannot be restored",
      on: "\(instance) in \(aws.region)",
      because: "backups reach \(windows), and \(bound.words) lies outside",
      fix: asked == nil ? bound.remedy : "Give a --point-in-time inside that window.")
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
