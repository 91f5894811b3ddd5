import Evidence
import Measurement
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Commands that read reports.
enum ReportCommands {
  static func report(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let word = try arguments.operand("RUN")
    if ["compare", "trend", "index"].contains(word) {
      try arguments.answersWithTextAlone("report \(word)", to: "--format")
    }
    switch word {
    case "compare": return try await compare(arguments, terminal)
    case "trend": return try await trend(arguments, terminal)
    case "index": return try await index(arguments, terminal)
    default: return try await show(arguments, terminal)
    }
  }

  private static func show(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let format = try arguments.choice(
      "--format", of: ["text", "json", "html", "md", "csv", "junit", "oscal"])
    let journal = try Surroundings(arguments).journal(.reading)
    let report = try await report(of: try arguments.operand("RUN").uppercased(), journal)
    switch format {
    case "json": terminal.output(try report.json().prettyText())
    case "html": terminal.output(HTMLReport.page(report))
    case "md": terminal.output(MarkdownReport.text(report))
    case "csv": terminal.output(CSVReport.text(report))
    case "junit": terminal.output(JUnitReport.text(report))
    case "oscal": terminal.output(try OSCALReport.text(report))
    default: terminal.output(ReportText.text(report, RunState(report.events)))
    }
    return .success
  }

  private static func compare(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode
  {
    guard arguments.operands.count == 3 else {
      throw UsageError(
        message: "two runs are needed", fix: "Write: mosaic-dr report compare OLDER NEWER.")
    }
    let journal = try Surroundings(arguments).journal(.reading)
    let older = try await report(of: arguments.operands[1].uppercased(), journal)
    let newer = try await report(of: arguments.operands[2].uppercased(), journal)
    let comparison = Comparison(
      of: newer.figures, with: Baseline(run: older.run, figures: older.figures))
    terminal.output(ReportText.comparison(comparison))
    return isWithin(try arguments.percent("--max-regression"), comparison, terminal)
      ? .success : .objectiveMissed
  }

  /// Whether no figure grew by more than is allowed since the last drill that passed.
  static func isWithin(_ percent: Int64?, _ report: RunReport, _ terminal: Terminal) -> Bool {
    guard let comparison = report.comparison else { return true }
    return isWithin(percent, comparison, terminal)
  }

  private static func isWithin(
    _ percent: Int64?, _ comparison: Comparison, _ terminal: Terminal
  ) -> Bool {
    guard let percent else { return true }
    let regressions = comparison.regressions(beyond: percent)
    for change in regressions {
      terminal.error(
        "regression: \(change.name) grew by \(change.growth ?? 0) %, more than \(percent) %")
    }
    return regressions.isEmpty
  }

  private static func trend(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    let journal = try Surroundings(arguments).journal(.reading)
    let reports = try await journal.reports(of: try arguments.required("--plan")).reversed()
    for report in reports {
      let parts = report.figures.components.map {
        "\($0.name) \(ReportText.readable($0.rto)) / \(ReportText.readable($0.rpo))"
      }
      terminal.output(
        "\(report.run)  \(report.creation.mode.rawValue.rightPadded(8)) "
          + "\(report.figures.verdict.rawValue.rightPadded(22)) "
          + "RTO \(ReportText.readable(report.figures.rto.achieved).rightPadded(12)) "
          + "RPO \(ReportText.readable(report.figures.rpo.achieved).rightPadded(12)) "
          + parts.joined(separator: ", "))
    }
    return .success
  }

  /// Builds the portal from the folders of reports; each is verified with the key of this place.
  private static func index(_ arguments: Arguments, _ terminal: Terminal) async throws -> ExitCode {
    guard arguments.operands.count == 2 else {
      throw UsageError(message: "DIR is missing", fix: "Write: mosaic-dr report index DIR.")
    }
    let surroundings = Surroundings(arguments)
    let target = arguments.operands[1]
    let now = surroundings.time.now().wall
    let policy = VerificationPolicy(
      trusted: try arguments["--trust"].map(TrustFile.read) ?? [], now: now)
    var rows: [Portal.Row] = []
    var broken: [String] = []
    try DurableFile.makeFolder(target, mode: 0o755)
    for folder in try ReportFolders.all(in: surroundings.reportsFolder) {
      let verified: VerifiedReport
      do throws(VerificationFailure) {
        verified = try BundleVerifier.verify(folder, policy)
      } catch {
        broken.append("\(folder): \(error.reason)")
        continue
      }
      rows.append(try page(of: verified.report, in: target))
    }
    let audit = try await LedgerCommands.audit(surroundings, now: now)
    let text = Portal.page(rows, overdue: audit.faults + audit.warnings, broken: broken)
    try DurableFile.write(
      Array(text.utf8), to: "\(target)/index.html", mode: 0o644, existing: .replace)
    terminal.output(
      "\(rows.count) reports, \(broken.count) that do not verify: \(target)/index.html")
    return broken.isEmpty ? .success : .verificationFailed
  }

  private static func page(of report: RunReport, in target: String) throws -> Portal.Row {
    let name = "\(report.run)-\(report.ending).html"
    try DurableFile.write(
      Array(HTMLReport.page(report).utf8), to: "\(target)/\(name)", mode: 0o644, existing: .replace)
    return Portal.Row(link: name, report: report)
  }

  private static func report(of id: String, _ journal: Journal) async throws -> RunReport {
    let events = try await journal.verifiedEvents(of: id)
    guard let plain = RunReport(events) else { throw journal.doesNotKnow(id) }
    let baseline = try await journal.baseline(of: plain.creation.plan, before: id)
    return baseline.flatMap { RunReport(events, baseline: $0) } ?? plain
  }
}
