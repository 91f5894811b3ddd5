import Measurement
import Platform
import RunJournal
import StrictJSON

/// The report as one page for people. It is made from the record alone, byte for byte the same each
/// time: its digest is signed with the record.
public enum HTMLReport {
  /// The page.
  public static func page(_ report: RunReport) -> String {
    let sections = [
      heading(report), objectives(report), time(report), data(report), deviations(report),
      resources(report), steps(report), environment(report), controls(report), verifying(report),
    ]
    return HTMLPage.page(
      title: "\(OutputText.words(report.figures.verdict)): \(report.creation.mode.rawValue) of "
        + "\(report.creation.plan)",
      body: sections.compactMap { $0 }.joined(separator: "\n"))
  }

  private static func heading(_ report: RunReport) -> String {
    let figures = report.figures
    let (style, mark) =
      switch figures.verdict {
      case .pass: ("good", "✓")
      case .passWithExceptions: ("warn", "✓")
      case .fail: ("bad", "✗")
      case .notMeasured: ("warn", "?")
      }
    let mode = report.creation.mode == .drill ? "Recovery drill" : "Recovery"
    let rto =
      "RTO \(OutputText.readable(figures.rto.achieved)) (\(OutputText.outcome(figures.rto)))"
    let rpo =
      "RPO \(OutputText.readable(figures.rpo.achieved)) (\(OutputText.outcome(figures.rpo)))"
    return """
      <header><h1>\(mode) of \(OutputText.markup(report.creation.plan))</h1>
      <p class="soft">\(OutputText.markup(report.account.began.description)) to \
      \(OutputText.markup(report.account.ended.description)) · run \(OutputText.markup(report.run))\
      </p></header>
      <div class="verdict \(style)"><strong>\(mark) \(OutputText.words(figures.verdict))</strong>
      <p>\(rto); \(rpo). The incident was \(report.incident).</p>
      \(HTMLPage.list(figures.reasons))</div>
      """
  }

  private static func objectives(_ report: RunReport) -> String {
    let figures = report.figures
    var rows = [("RTO (RTA)", figures.rto), ("RPO (RPA)", figures.rpo)]
    rows += figures.components.flatMap { component in
      [
        (
          "\(component.name) RTO",
          Achievement(objective: figures.rto.objective, achieved: component.rto)
        ),
        (
          "\(component.name) RPO",
          Achievement(objective: figures.rpo.objective, achieved: component.rpo)
        ),
      ]
    }
    let cells = rows.map { name, figure -> [HTMLPage.Cell] in
      let margin = figure.achieved.flatMap { achieved in figure.objective.map { $0 - achieved } }
      let style = figure.isMet.map { $0 ? "good" : "bad" }
      return [
        .init(name),
        .init(figure.objective.map { OutputText.readable($0) } ?? "none", isNumber: true),
        .init(OutputText.readable(figure.achieved), isNumber: true),
        .init(margin.map { OutputText.readable($0) } ?? "", isNumber: true),
        .init(mark(figure), style: style),
      ]
    }
    let declared = OutputText.readable(figures.rtoFromDeclaration)
    let bars = ObjectiveBars.svg(Array(rows.prefix(2)).map { (name: $0.0, figure: $0.1) })
    return HTMLPage.section(
      "objectives", "Objectives against achieved",
      chart(bars)
        + HTMLPage.table(
          caption: "Objectives and achieved figures",
          ["Figure", "Objective", "Achieved", "Margin", "Outcome"], cells)
        + "<p class=\"soft\">RTO counts from the incident to the last successful check or cut-over "
        + "step; from the start of the run it was \(declared).</p>" + comparison(report))
  }

  private static func mark(_ figure: Achievement) -> String {
    switch figure.isMet {
    case true: "✓ met"
    case false: "✗ \(OutputText.outcome(figure))"
    case nil: "no objective"
    }
  }

  private static func chart(_ svg: String) -> String {
    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"chart\">\(svg)</div>"
  }

  private static func comparison(_ report: RunReport) -> String {
    guard let comparison = report.comparison else {
      return "<p class=\"soft\">No earlier drill of this plan has passed.</p>"
    }
    let rows = comparison.changes.map { change -> [HTMLPage.Cell] in
      let growth = change.growth.map { "\($0 > 0 ? "+" : "")\($0) %" } ?? "unknown"
      return [
        .init(change.name), .init(OutputText.readable(change.before), isNumber: true),
        .init(OutputText.readable(change.after), isNumber: true), .init(growth, isNumber: true),
      ]
    }
    return HTMLPage.table(
      caption: "Against the last drill that passed, \(comparison.baseline)",
      ["Figure", "Then", "Now", "Change"], rows)
  }

  private static func time(_ report: RunReport) -> String {
    let figures = report.figures
    let split = SplitBar.parts.map { part in
      [
        HTMLPage.Cell(part.name),
        HTMLPage.Cell(
          OutputText.readable(figures.split[keyPath: part.value]), isNumber: true),
      ]
    }
    return HTMLPage.section(
      "time", "Where the time went",
      chart(SplitBar.svg(figures.split))
        + HTMLPage.key(SplitBar.parts.map { ($0.style, $0.name) })
        + HTMLPage.table(
          caption: "The achieved RTO along the critical path", ["Part", "Time"], split)
        + chart(Gantt.svg(report.account, criticalPath: figures.criticalPath))
        + HTMLPage.key([
          ("work", "work"), ("cloud", "waiting for the cloud"), ("person", "waiting for people"),
          ("verify", "verification"), ("critical", "◆ critical path"),
        ])
        + "<p>Critical path: \(OutputText.markup(HTMLPage.chain(figures.criticalPath, by: " → ")))</p>"
    )
  }

  private static func data(_ report: RunReport) -> String {
    let moments = report.account.moments.map { moment -> [HTMLPage.Cell] in
      [
        .init(moment.name.rawValue), .init(moment.component ?? "run"),
        .init(moment.at.description), .init(moment.evidence.rawValue), .init(moment.source),
      ]
    }
    let checks = report.account.checks.map { check -> [HTMLPage.Cell] in
      [
        .init(check.step), .init(check.query ?? ""), .init(check.expected ?? ""),
        .init(check.value ?? ""),
        .init(check.status, style: check.status == "succeeded" ? "good" : "bad"),
      ]
    }
    let strip = RPOStrip.svg(report.account, objective: report.figures.rpo.objective)
    return HTMLPage.section(
      "data", "Data: recovery points and checks",
      (strip.map(chart) ?? "<p class=\"soft\">No recovery point is known.</p>")
        + HTMLPage.table(
          caption: "Instants, and how each is known",
          ["Instant", "Of", "When (UTC)", "Known by", "Source"], moments)
        + HTMLPage.table(
          caption: "What the checks saw", ["Check", "Query", "Expected", "Seen", "Outcome"], checks)
    )
  }

  private static func deviations(_ report: RunReport) -> String {
    let rows = report.account.deviations.map { deviation -> [HTMLPage.Cell] in
      [
        .init(deviation.kind), .init(deviation.at?.description ?? ""),
        .init(deviation.step ?? "run"), .init(deviation.text), .init(deviation.by ?? ""),
      ]
    }
    return HTMLPage.section(
      "deviations", "Deviations and findings", isLong: true,
      HTMLPage.table(
        caption: "Departures from the plan", ["Kind", "When (UTC)", "Step", "What", "By"], rows))
  }

  private static func resources(_ report: RunReport) -> String {
    let rows = { (resources: [ResourceAccount]) in
      resources.map { resource -> [HTMLPage.Cell] in
        [
          .init(resource.what), .init(identity(resource.identity)), .init(resource.at.description),
          .init(resource.step),
        ]
      }
    }
    let heads = ["What", "Identity", "When (UTC)", "Step"]
    let left = report.figures.leftovers.map { leftover -> [HTMLPage.Cell] in
      [
        .init(leftover.what, style: "bad"), .init(identity(leftover.identity)),
        .init(leftover.cost), .init(leftover.why),
      ]
    }
    return HTMLPage.section(
      "resources", "What was made and removed", isLong: true,
      HTMLPage.table(caption: "Made or changed", heads, rows(report.account.made))
        + HTMLPage.table(caption: "Removed", heads, rows(report.account.removed))
        + HTMLPage.table(caption: "Left over", ["What", "Identity", "Cost", "Why"], left))
  }

  private static func identity(_ value: JSONValue?) -> String {
    guard let value else { return "" }
    if let text = value.stringValue { return text }
    return (try? value.canonicalBytes()).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private static func steps(_ report: RunReport) -> String {
    let rows = report.account.steps.map { step -> [HTMLPage.Cell] in
      let took = step.began.flatMap { began in step.ended.map { ($0 - began).wholeMilliseconds } }
      let style = step.status == "succeeded" ? "good" : step.status == "failed" ? "bad" : "warn"
      return [
        .init(step.id), .init(step.phase.rawValue), .init(step.began?.description ?? ""),
        .init(took.map { OutputText.readable($0) } ?? "", isNumber: true),
        .init(String(step.attempts.count), isNumber: true),
        .init(step.reason.map { "\(step.status): \($0)" } ?? step.status, style: style),
        .init(requests(step)),
      ]
    }
    return HTMLPage.section(
      "steps", "Every step", isLong: true,
      HTMLPage.table(
        caption: "Steps in the plan's order, executed or not",
        ["Step", "Phase", "Began (UTC)", "Took", "Attempts", "Outcome", "Request identifiers"],
        rows))
  }

  /// The calls of a step that can be found in CloudTrail; a long wait makes many.
  private static func requests(_ step: StepAccount) -> String {
    let calls = step.evidence["calls"]?.arrayValue ?? []
    let shown = calls.prefix(3).compactMap { call -> String? in
      guard let name = call["call"]?.stringValue else { return nil }
      return "\(name) \(call["request_id"]?.stringValue ?? "no answer")"
    }
    let count = step.evidence["call_count"]?.integerValue ?? Int64(calls.count)
    let more = count > Int64(shown.count) ? ["\(count) calls in all"] : []
    return (shown + more).joined(separator: ", ")
  }
}
