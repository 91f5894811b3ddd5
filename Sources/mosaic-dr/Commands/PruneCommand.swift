import Evidence
import Platform
import Recoveries
import RunEngine
import RunJournal
import StrictJSON

/// Removes old runs from the journal, and only what a report keeps.
enum PruneCommand {
  static func prune(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard let days = try arguments.count("--keep-days", in: 1...36_500) else {
      throw UsageError(
        message: "--keep-days is missing",
        fix: "Say how long runs stay: mosaic-dr runs prune --keep-days 400.")
    }
    let surroundings = Surroundings(arguments)
    try surroundings.requireJournal()
    let journal = try surroundings.journal()
    let limit = surroundings.time.now().wall - .seconds(days * 86_400)
    let old = try await journal.runs(limit: Int(Int32.max)).filter {
      $0.record.createdAt < limit && !$0.isPruned
    }
    var count = 0
    for run in old {
      if let reason = try await reasonToKeep(run, journal, surroundings) {
        terminal.output("kept    \(run.record.id)  \(reason)")
      } else if arguments.has("--dry-run") {
        terminal.output("would prune  \(run.record.id)")
      } else if let pruned = try await journal.prune(
        run.record.id, by: surroundings.operatorName)
      {
        count += 1
        try InventoryWork.remove(
          of: run.record.id, in: surroundings.reportsFolder(of: run.record.planName))
        terminal.output("pruned  \(run.record.id)  \(pruned.events) events")
      }
    }
    if count > 0 { try await journal.compact() }
    terminal.output("\(count) of \(old.count) runs older than \(days) days pruned")
    return .success
  }

  /// Nil when nothing would be lost that the report does not hold.
  private static func reasonToKeep(
    _ run: RunSummary, _ journal: Journal, _ surroundings: Surroundings
  ) async throws -> String? {
    let events = try await journal.verifiedEvents(of: run.record.id)
    let state = RunState(events)
    guard state.isFinished else { return "it has not ended" }
    guard state.leftovers.isEmpty else { return "it has left something over" }
    guard let report = RunReport(events) else { return "its events make no report" }
    let folder = BundleFolder(of: report, in: surroundings.reportsFolder(of: run.record.planName))
    do throws(VerificationFailure) {
      let verified = try BundleVerifier.verify(
        folder.path, VerificationPolicy(trusted: [], now: surroundings.time.now().wall))
      return verified.report.events == events ? nil : "its report is of other events"
    } catch {
      return "its report: \(error.reason)"
    }
  }
}
