import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Judges a restore that has come to an end.
struct RestoreEnd {
  let restore: JSONValue
  let backup: BackupRecord
  let download: VeleroDownload
  let acceptsPartial: Bool
  let what: String

  /// - Throws: `Problem` with what failed, unless the plan accepts it.
  func judge(_ context: StepContext) async throws -> RestoreBackup.Output {
    let errors = restore.at("status", "errors")?.integerValue ?? 0
    let warnings = restore.at("status", "warnings")?.integerValue ?? 0
    let items = restore.at("status", "progress", "itemsRestored")?.integerValue ?? 0
    let results = await results(errors + warnings, context)
    context.keep("errors", .array((results?.errors ?? []).prefix(100).map { .string($0) }))
    context.keep("warnings", .array((results?.warnings ?? []).prefix(100).map { .string($0) }))
    if RestorePhase(restore) == .partiallyFailed {
      let words = results.map { RestoreResults.short($0.errors) } ?? ""
      let reason =
        words.isEmpty
        ? "\(errors) errors; see 'velero restore describe \(restore.objectName)'" : words
      guard acceptsPartial else { throw RestoreProblems.partial(what, errors, reason) }
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
    await noteSkippedClaims(context)
    return RestoreBackup.Output(
      name: restore.objectName, phase: restore.at("status", "phase")?.stringValue ?? "",
      items: items, warnings: warnings, errors: errors)
  }

  /// Why a log is missing never matters more than the restore itself.
  private func results(_ count: Int64, _ context: StepContext) async -> RestoreResults? {
    guard count > 0 else { return nil }
    return await fetched("RestoreResults", context).flatMap(RestoreResults.init)
  }

  private func noteSkippedClaims(_ context: StepContext) async {
    guard let list = await fetched("RestoreResourceList", context) else { return }
    let skipped = RestoredObjects.skippedClaims(list)
    if !skipped.isEmpty {
      context.note(
        Finding(
          .exception,
          "\(skipped.count) claims were there already, and their data is not the backup's: "
            + RestoreResults.short(skipped)))
    }
  }

  private func fetched(_ kind: String, _ context: StepContext) async -> JSONValue? {
    do {
      return try await download.json(
        kind, of: restore.objectName, in: backup.storageLocation, context)
    } catch {
      let why = (error as? any ExplainedError)?.description ?? "\(error)"
      context.note(Finding(.note, "\(kind) of the restore could not be read: \(why)"))
      return nil
    }
  }
}

/// What a restore can fail with, in words for whoever is on call.
enum RestoreProblems {
  static func gone(_ what: String, because reason: String) -> Problem {
    Problem(
      "the restore is gone", on: what, because: reason,
      fix: "Find out who deleted it in the API server's audit log; then run the plan again.")
  }

  static func partial(_ what: String, _ errors: Int64, _ reason: String) -> Problem {
    Problem(
      "the restore is only partly done: \(errors) object(s) failed", on: what, because: reason,
      fix: "Mend the cause and run the plan again, or accept it with 'partialRestore: accept'.")
  }

  static func empty(_ what: String, _ backup: BackupRecord) -> Problem {
    Problem(
      "the restore brought nothing back", on: what,
      because: "backup \(backup.name) holds none of the objects that the plan asks for",
      fix:
        "Check 'namespaces' and 'filter' against 'velero backup describe \(backup.name) --details'."
    )
  }

  static func failed(_ restore: JSONValue, _ what: String, run: ULID) -> Problem {
    let reason = restore.at("status", "failureReason")?.stringValue ?? "Velero does not say why"
    let wasRestarted = reason.firstRange(of: "during the server starting") != nil
    return Problem(
      wasRestarted
        ? "Velero's server was restarted in the middle of the restore" : "the restore failed",
      on: what, because: reason,
      fix: wasRestarted
        ? "See why it restarted (its memory limit: 'kubectl -n velero describe pod'), then run the plan "
          + "again: Velero does not go on with a restore."
        : "Read 'velero restore logs \(restore.objectName)', mend the cause, and run the plan again."
    )
  }

  static func invalid(_ restore: JSONValue, _ what: String) -> Problem {
    let errors = (restore.at("status", "validationErrors")?.arrayValue ?? []).compactMap(
      \.stringValue)
    return Problem(
      "Velero refuses the restore as it is asked for", on: what,
      because: errors.isEmpty ? "it gives no reason" : RestoreResults.short(errors, upTo: 5),
      fix: "Correct the plan; nothing was restored.")
  }
}
