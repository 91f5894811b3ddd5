import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Judges a restore that has come to an end: by what Velero says, and by what it wrote down of each
/// object and volume.
struct RestoreEnd {
  /// How many lines of each kind are kept as evidence.
  static let keptLines = 100

  let restore: JSONValue
  let backup: BackupRecord
  let manifest: RestoreManifest
  let download: VeleroDownload
  let acceptsPartial: Bool
  let what: String

  /// - Throws: `Problem` with what failed, unless the plan accepts it.
  func judge(_ context: StepContext) async throws -> RestoreBackup.Output {
    let errors = number("errors")
    let warnings = number("warnings")
    let items = restore.at("status", "progress", "itemsRestored")?.integerValue ?? 0
    let results = await results(errors + warnings, context)
    let failures = (results?.errors ?? []) + (await failedOperations(context))
    keep("errors", failures, context)
    keep("warnings", results?.warnings ?? [], context)
    if RestorePhase(restore) == .partiallyFailed {
      let reason =
        failures.isEmpty
        ? "\(errors) errors; see 'velero restore describe \(restore.objectName)'"
        : RestoreResults.short(failures)
      guard acceptsPartial else {
        throw RestoreProblems.partial(what, errors, reason, context)
      }
      context.note(
        Finding(
          .exception,
          "The restore is PartiallyFailed (\(errors) errors); the plan accepts that: "
            + reason))
    }
    guard items > 0 else { throw RestoreProblems.empty(what, backup) }
    if let notable = results?.notable, !notable.isEmpty {
      context.note(
        Finding(
          .warning, "Velero warns of \(notable.count) objects: \(RestoreResults.short(notable))"))
    }
    await account(context)
    return RestoreBackup.Output(
      name: restore.objectName, phase: restore.at("status", "phase")?.stringValue ?? "",
      items: items, warnings: warnings, errors: errors)
  }

  private func number(_ field: String) -> Int64 {
    restore.at("status", field)?.integerValue ?? 0
  }

  private func keep(_ name: String, _ lines: [String], _ context: StepContext) {
    context.keep(name, .array(lines.prefix(Self.keptLines).map { .string($0) }))
  }

  private func results(_ count: Int64, _ context: StepContext) async -> RestoreResults? {
    guard count > 0 else { return nil }
    return await written("RestoreResults", context).flatMap(RestoreResults.init)
  }

  /// Velero counts the failures of volumes' data, and does not write them to the results.
  private func failedOperations(_ context: StepContext) async -> [String] {
    guard number("restoreItemOperationsFailed") > 0 else { return [] }
    return RestoreResults.failedOperations(await written("RestoreItemOperations", context))
  }

  /// Holds what came back against what the backup holds: a restore is `Completed` also when an object
  /// or the data of a volume is simply not there any more.
  private func account(_ context: StepContext) async {
    // When Velero does not answer, each file is waited for: for all of them at the same time.
    async let objectList = written("RestoreResourceList", context)
    async let volumeList = written("RestoreVolumeInfo", context)
    async let heldObjects = ofBackup("BackupResourceList", context)
    async let heldVolumes = ofBackup("BackupVolumeInfos", context)
    let (restored, volumes) = await (objectList.map(RestoredObjects.init), volumeList)
    let (objects, infos) = await (heldObjects, heldVolumes)
    let skipped = restored?.named("skipped", kind: "PersistentVolumeClaim") ?? []
    if let restored {
      accountForObjects(restored, skippedClaims: skipped, of: objects, context)
    }
    if let volumes, manifest.component.restoresVolumes != false {
      accountForVolumes(RestoredVolumes(volumes), besides: skipped, of: infos, context)
    }
  }

  private func accountForObjects(
    _ restored: RestoredObjects, skippedClaims: [String], of backup: JSONValue?,
    _ context: StepContext
  ) {
    let origin =
      context.spentEffects == 0
      ? "were there already, and their data is not the backup's"
      : "were there already, from an attempt that broke off: their data may not be whole"
    note(skippedClaims, "claims \(origin)", context)
    if RestorePhase(restore) == .completed {
      note(
        restored.named("failed"), "objects could not be brought to what the backup holds", context)
    }
    guard let backup else { return }
    note(
      restored.missing(from: backup, asked: manifest),
      "objects of the backup did not come back, and Velero says nothing of them", context)
  }

  private func accountForVolumes(
    _ restored: RestoredVolumes, besides skippedClaims: [String], of backup: JSONValue?,
    _ context: StepContext
  ) {
    context.keep("volumes", .array(restored.restored.map(\.json)))
    if !restored.restored.isEmpty { context.note(Finding(.note, restored.summary)) }
    guard let backup else { return }
    let missing = BackupVolumes(backup).missing(from: restored, asked: manifest)
    note(
      missing.filter { !skippedClaims.contains($0) },
      "claims are back without the data that the backup holds of them", context)
  }

  private func note(_ lines: [String], _ words: String, _ context: StepContext) {
    guard !lines.isEmpty else { return }
    context.note(
      Finding(.exception, "\(lines.count) \(words): \(RestoreResults.short(lines))"))
  }

  private func ofBackup(_ kind: String, _ context: StepContext) async -> JSONValue? {
    await download.noted(kind, of: backup.name, in: backup.storageLocation, context)
  }

  private func written(_ kind: String, _ context: StepContext) async -> JSONValue? {
    await download.noted(kind, of: restore.objectName, in: backup.storageLocation, context)
  }
}
