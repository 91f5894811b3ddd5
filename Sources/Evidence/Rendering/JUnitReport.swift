import Measurement
import Platform
import RunJournal

/// The run as JUnit XML, which every CI shows: a suite of objectives and a suite of steps. A missed
/// objective is a failure, a step that broke an error, one that did not run is skipped.
public enum JUnitReport {
  private struct Case {
    let name: String
    let milliseconds: Int64
    /// The element within; nil for a case that passed.
    let problem: (element: String, message: String)?
  }

  /// The document.
  public static func text(_ report: RunReport) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="\(OutputText.markup(report.creation.plan))">
    \(suite("objectives", objectives(report), report))
    \(suite("steps", report.account.steps.map(test), report))
    </testsuites>

    """
  }

  private static func objectives(_ report: RunReport) -> [Case] {
    let figures = [("RTO", report.figures.rto), ("RPO", report.figures.rpo)]
    return figures.filter { $0.1.objective != nil }.map { name, figure in
      let words =
        "\(OutputText.readable(figure.achieved)) of \(OutputText.readable(figure.objective))"
      return Case(
        name: name, milliseconds: figure.achieved ?? 0,
        problem: figure.isMet == true ? nil : ("failure", "\(OutputText.outcome(figure)): \(words)")
      )
    } + [
      Case(
        name: "verdict", milliseconds: 0,
        problem: report.figures.verdict == .pass || report.figures.verdict == .passWithExceptions
          ? nil : ("failure", report.figures.reasons.joined(separator: "; ")))
    ]
  }

  private static func test(_ step: StepAccount) -> Case {
    let took = step.began.flatMap { began in step.ended.map { ($0 - began).wholeMilliseconds } }
    let problem: (String, String)? =
      switch step.status {
      case "succeeded": nil
      case "failed": ("error", step.reason ?? "failed")
      default: ("skipped", step.reason ?? step.status)
      }
    return Case(name: step.id, milliseconds: took ?? 0, problem: problem)
  }

  private static func suite(_ name: String, _ cases: [Case], _ report: RunReport) -> String {
    let count = { (element: String) in cases.count { $0.problem?.element == element } }
    let total = cases.reduce(0) { $0 + $1.milliseconds }
    let bodies = cases.map { test in
      let head =
        "<testcase classname=\"\(OutputText.markup(report.creation.plan)).\(name)\" "
        + "name=\"\(OutputText.markup(test.name))\" time=\"\(seconds(test.milliseconds))\""
      guard let problem = test.problem else { return "\(head)/>" }
      let kind = problem.element == "skipped" ? "" : " type=\"\(name)\""
      return
        "\(head)><\(problem.element) message=\"\(OutputText.markup(problem.message))\"\(kind)/>"
        + "</testcase>"
    }
    return """
      <testsuite name="\(name)" tests="\(cases.count)" failures="\(count("failure"))" \
      errors="\(count("error"))" skipped="\(count("skipped"))" time="\(seconds(total))" \
      timestamp="\(report.account.began.formatted(fractionDigits: 0).dropLast())" \
      hostname="\(OutputText.markup(report.creation.operatorIdentity.host))">
      <properties><property name="run" value="\(OutputText.markup(report.run))"/>\
      <property name="plan_sha256" value="\(OutputText.markup(report.creation.planDigest))"/>\
      </properties>
      \(bodies.joined(separator: "\n"))
      </testsuite>
      """
  }

  private static func seconds(_ milliseconds: Int64) -> String {
    let positive = max(0, milliseconds)
    let rest = String(positive % 1_000)
    return "\(positive / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}
