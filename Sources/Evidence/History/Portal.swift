import Measurement
import Platform
import RunJournal

/// A static page over all reports: every run, the trend of each plan, what is overdue.
public enum Portal {
  /// A report in the portal.
  public struct Row: Sendable {
    /// Where its page is, as a path relative to the portal.
    public let link: String
    /// The report.
    public let report: RunReport

    /// Creates a row for a report that was verified.
    public init(link: String, report: RunReport) {
      self.link = link
      self.report = report
    }
  }

  /// The page.
  ///
  /// - Parameter overdue: what is missing, a sentence each.
  public static func page(_ rows: [Row], overdue: [String], broken: [String]) -> String {
    let sorted = rows.sorted { $0.report.account.began > $1.report.account.began }
    let plans = Set(rows.map(\.report.creation.plan)).sorted()
    let sections =
      [
        "<header><h1>Recovery evidence</h1><p class=\"soft\">\(rows.count) reports of "
          + "\(plans.count) plans</p></header>",
        HTMLPage.section(
          "overdue", "Overdue and missing",
          overdue.isEmpty && broken.isEmpty
            ? "<p class=\"good\">✓ Nothing is overdue.</p>" : HTMLPage.list(overdue + broken)),
      ] + plans.enumerated().map { index, plan in trend(index, plan, sorted) } + [all(sorted)]
    return HTMLPage.page(title: "Recovery evidence", body: sections.joined(separator: "\n"))
  }

  private static func trend(_ index: Int, _ plan: String, _ rows: [Row]) -> String {
    let runs = rows.map(\.report).filter { $0.creation.plan == plan }.reversed()
    let charts = [
      ("RTO", \RunFigures.rto as any KeyPath<RunFigures, Achievement> & Sendable),
      ("RPO", \RunFigures.rpo),
    ].map { name, path in
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(name)\">"
        + TrendChart.svg(
          name, runs.suffix(TrendChart.maximumRuns).map { $0.figures[keyPath: path] })
        + "</div>"
    }
    return HTMLPage.section("plan-\(index)", "Plan \(plan)", charts.joined())
  }

  private static func all(_ rows: [Row]) -> String {
    let body = rows.map { row in
      let figures = row.report.figures
      let style = figures.verdict == .fail ? "bad" : "good"
      let cells = [
        OutputText.markup(row.report.account.began.formatted(fractionDigits: 0)),
        OutputText.markup(row.report.creation.plan), row.report.creation.mode.rawValue,
        OutputText.markup(OutputText.words(figures.verdict)),
        OutputText.markup(OutputText.readable(figures.rto.achieved)),
        OutputText.markup(OutputText.readable(figures.rpo.achieved)),
        "✓ verifies",
      ]
      let link = "<a href=\"\(OutputText.markup(row.link))\">\(cells[0])</a>"
      return "<tr><th scope=\"row\">\(link)</th>"
        + cells.dropFirst().map { "<td class=\"\(style)\">\($0)</td>" }.joined() + "</tr>"
    }.joined(separator: "\n")
    let heads = ["Began (UTC)", "Plan", "Mode", "Verdict", "RTO", "RPO", "Evidence"]
      .map { "<th scope=\"col\">\($0)</th>" }.joined()
    return HTMLPage.section(
      "all", "All runs", isLong: true,
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"All runs\"><table>"
        + "<caption>Newest first</caption><thead><tr>\(heads)</tr></thead><tbody>\(body)</tbody>"
        + "</table></div>")
  }
}

/// A figure over the runs of a plan, oldest first: a bar a run, a line for the objective.
enum TrendChart {
  /// More bars are too thin to be seen.
  static let maximumRuns = 60

  static func svg(_ name: String, _ figures: [Achievement]) -> String {
    let top = max(1, figures.flatMap { [$0.achieved, $0.objective] }.compactMap { $0 }.max() ?? 1)
    var drawing = Drawing(height: 110)
    let room: Int64 = 80
    let step = Drawing.width / Int64(max(1, figures.count))
    for (index, figure) in figures.enumerated() {
      let x = Int64(index) * step
      if let achieved = figure.achieved {
        let height = max(1, max(0, achieved) * room / top)
        drawing.rectangle(
          x + 2, 20 + room - height, min(40, step - 3), height,
          figure.isMet == false ? "bad" : "good",
          title: "\(OutputText.readable(achieved)), \(OutputText.outcome(figure))")
      }
      if let objective = figure.objective {
        drawing.rectangle(
          x, 20 + room - objective * room / top, step, 2, "over",
          title: "objective \(OutputText.readable(objective))")
      }
    }
    let last = figures.last.map { "\(OutputText.readable($0.achieved)), \(OutputText.outcome($0))" }
    drawing.text(0, 13, "\(name), last: \(last ?? "none")")
    return drawing.svg(
      title: "\(name) over the runs", description: "A bar a run; the grey line is the objective.")
  }
}
