import Evidence
import Platform
import RunEngine
import RunJournal

extension RunSession {
  /// Writes the signed report of an ended run and says where it is. What cannot be recorded of a real
  /// recovery is said, and `resume` completes it; the recovery stands.
  ///
  /// - Returns: the report, and its folder when it could be written.
  func conclude(_ run: ULID) async throws -> (report: RunReport, folder: String?) {
    let events = try await journal.verifiedEvents(of: run.description)
    guard let plain = RunReport(events) else { throw journal.doesNotKnow(run.description) }
    // Whatever is wrong with them, the report comes first.
    try? await surroundings.removeWork(
      of: run.description, plan: plain.creation.plan, journal)
    let baseline = try await journal.baseline(of: plain.creation.plan, before: run.description)
    let report = baseline.flatMap { RunReport(events, baseline: $0) } ?? plain
    telling.output(ReportText.text(report, RunState(events)))
    do {
      let folder = try await recorder.recordEnd(report)
      telling.output(
        "\nreport  \(folder.path(of: .report))\ncheck   mosaic-dr verify \(folder.path)")
      await recorder.publish(report, run: run)
      return (report, folder.path)
    } catch  where report.creation.mode == .restore {
      telling.terminal.explain(error)
      telling.terminal.error(
        "The recovery stands; its report is completed by: "
          + surroundings.command("resume \(run)"))
      return (report, nil)
    }
  }
}
