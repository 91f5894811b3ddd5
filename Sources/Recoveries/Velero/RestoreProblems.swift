import KubernetesClient
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// What a restore can fail with, in words for whoever is on call.
enum RestoreProblems {
  static func gone(_ what: String, because reason: String) -> Problem {
    Problem(
      "the restore is gone", on: what, because: reason,
      fix: "Find out who deleted it in the API server's audit log; then run the plan again.")
  }

  static func partial(
    _ what: String, _ errors: Int64, _ reason: String, _ context: StepContext
  ) -> Problem {
    Problem(
      "the restore is only partly done: \(errors) object(s) failed", on: what, because: reason,
      fix: "Mend the cause, then \(again(context)); or accept it with 'partialRestore: accept'.")
  }

  static func empty(_ what: String, _ backup: BackupRecord) -> Problem {
    Problem(
      "the restore brought nothing back", on: what,
      because: "backup \(backup.name) holds none of the objects that the plan asks for",
      fix:
        "Check 'namespaces' and 'filter' against 'velero backup describe \(backup.name) --details'."
    )
  }

  static func failed(_ restore: JSONValue, _ what: String, _ context: StepContext) -> Problem {
    let reason = restore.at("status", "failureReason")?.stringValue ?? "Velero does not say why"
    guard wasRestarted(restore) else {
      return Problem(
        "the restore failed", on: what, because: reason,
        fix: "Read 'velero restore logs \(restore.objectName)', mend the cause, then "
          + "\(again(context)).")
    }
    return Problem(
      "Velero's server was restarted in the middle of the restore", on: what, because: reason,
      fix: "See why it restarted (its memory limit: 'kubectl -n velero describe pod'), then "
        + "\(again(context)): Velero does not go on with a restore.")
  }

  /// What a server says of the restores that it finds under way when it starts (Velero, `pkg/cmd/server`).
  static func wasRestarted(_ restore: JSONValue) -> Bool {
    let reason = restore.at("status", "failureReason")?.stringValue
    return reason?.firstRange(of: "during the server starting") != nil
  }

  static func invalid(_ restore: JSONValue, _ what: String) -> Problem {
    let errors = (restore.at("status", "validationErrors")?.arrayValue ?? []).compactMap(
      \.stringValue)
    return Problem(
      "Velero refuses the restore as it is asked for", on: what,
      because: errors.isEmpty ? "it gives no reason" : RestoreResults.short(errors, upTo: 5),
      fix: "Correct the plan; nothing was restored.")
  }

  /// How another restore is asked for. A drill has cleaned up by then.
  private static func again(_ context: StepContext) -> String {
    context.mode == .drill
      ? "run the drill again" : "'mosaic-dr retry \(context.run) \(context.step)'"
  }
}
