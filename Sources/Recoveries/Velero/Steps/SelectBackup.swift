import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Finds the backup to restore, and waits until Velero has brought it from the bucket into the
/// cluster. One that began after the loss is never taken.
struct SelectBackup: ObservingStep {
  typealias Output = BackupRecord

  static let kind = "velero.select-backup"
  static let phase = StepPhase.prepare
  /// How many refused backups are named.
  static let namedRefusals = 4
  /// What stands for the backup's name where it is not known yet.
  static let found = "<backup>"

  let access: ClusterAccess
  let namespace: String
  let source: VeleroSource
  let acceptsPartial: Bool
  /// The moment asked for on the command line.
  let asked: Timestamp?

  var summary: String { "find the newest usable backup: \(source.shown)" }
  var calls: [PlannedCall] {
    access.discovery + [
      access.plan(
        .list, .backups, in: namespace,
        words: (source.labelSelector.map { ["-l", $0] } ?? [])
          + ["--sort-by=.status.startTimestamp"]
      ).finding(.init("backup", atLastOf: Self.completed)),
      access.plan(.list, .storageLocations, in: namespace),
    ] + (source.backup.map { [access.plan(.get, .backups, in: namespace, $0)] } ?? [])
  }

  /// The names of the completed backups, one a line (kubectl, "JSONPath Support").
  private static let completed =
    #"{range .items[?(@.status.phase=="Completed")]}{.metadata.name}{"\n"}{end}"#

  func observe(_ context: StepContext) async throws -> Observation<BackupRecord> {
    let locations: [JSONValue]
    do {
      locations = try await access.list(.storageLocations, in: namespace, context)
    } catch let error as KubernetesError where error.isMissing {
      throw VeleroProblems.notInstalled(access.target)
    }
    let candidates = try await candidates(context)
    let choice = BackupChoice(
      acceptsPartial: acceptsPartial,
      bound: RecoveryBound(asked: asked, incident: context.incident),
      now: context.time.now().wall)
    let (backup, refused) = choice.choose(candidates, locations)
    context.keep("refused", .array(refused.map { .string($0) }))
    guard let backup, let began = BackupChoice.began(backup) else {
      return .waiting(Progress(missing(refused, locations)))
    }
    noteDoubts(backup, refused, context)
    context.note(
      Moment(
        .recoveryPoint, of: context.component, at: began, evidence: .serviceField,
        source: "startTimestamp of backup \(backup.objectName)"))
    return .ready(
      BackupRecord(
        name: backup.objectName, uid: backup.objectUID,
        storageLocation: backup.at("spec", "storageLocation")?.stringValue ?? "", began: began,
        kubernetes: backup.annotations["velero.io/source-cluster-k8s-gitversion"]))
  }

  private func candidates(_ context: StepContext) async throws -> [JSONValue] {
    if let name = source.backup {
      return try await access.find(.backups, name, in: namespace, context).map { [$0] } ?? []
    }
    return try await access.list(
      .backups, in: namespace, context, ObjectSelector(labels: source.labelSelector))
  }

  /// What is missing, for whoever waits.
  private func missing(_ refused: [String], _ locations: [JSONValue]) -> String {
    guard refused.isEmpty else {
      return "no usable one of the \(source.shown): "
        + RestoreResults.short(refused, upTo: Self.namedRefusals)
    }
    let synced = locations.compactMap { location in
      location.at("status", "lastSyncedTime")?.stringValue.map { "\(location.objectName) at \($0)" }
    }
    return "none of the \(source.shown) is in the cluster; last looked into the bucket: "
      + (synced.isEmpty ? "never" : synced.joined(separator: ", "))
  }

  private func noteDoubts(_ backup: JSONValue, _ refused: [String], _ context: StepContext) {
    let name = backup.objectName
    if !refused.isEmpty {
      context.note(
        Finding(
          .warning,
          "Newer backups than \(name) could not be used: "
            + RestoreResults.short(refused, upTo: Self.namedRefusals)))
    }
    if backup.at("status", "phase")?.stringValue == "PartiallyFailed" {
      let errors = backup.at("status", "errors")?.integerValue ?? 0
      context.note(
        Finding(
          .exception, "Backup \(name) is PartiallyFailed (\(errors) errors); the plan accepts that."
        ))
    }
    for (asked, done) in [
      ("volumeSnapshotsAttempted", "volumeSnapshotsCompleted"),
      ("csiVolumeSnapshotsAttempted", "csiVolumeSnapshotsCompleted"),
    ] {
      let attempted = backup.at("status", asked)?.integerValue ?? 0
      let completed = backup.at("status", done)?.integerValue ?? 0
      if completed < attempted {
        context.note(
          Finding(
            .exception,
            "Backup \(name) holds \(completed) of \(attempted) volume snapshots: the other volumes "
              + "come back empty or not at all."))
      }
    }
  }
}

/// Errors of several steps.
enum VeleroProblems {
  static func notInstalled(_ target: KubernetesTarget) -> Problem {
    Problem(
      "Velero is not installed", on: target.shown,
      because: "the API server does not know velero.io/v1",
      fix: "Install Velero in the recovery cluster, with a storage location on the backups' bucket."
    )
  }
}
