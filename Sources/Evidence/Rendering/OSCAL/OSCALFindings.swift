import Measurement
import Platform
import RunJournal
import StrictJSON

/// What was observed, what it says of the controls, and the risks that follow.
enum OSCALFindings {
  private struct Objective {
    let name: String
    let figure: Achievement
  }

  private static func objectives(_ report: RunReport) -> [Objective] {
    [
      Objective(name: "rto", figure: report.figures.rto),
      Objective(name: "rpo", figure: report.figures.rpo),
    ]
  }

  static func observations(_ report: RunReport, _ ids: OSCALIdentifiers) -> [JSONValue] {
    let collected = JSONValue.string(report.account.ended.description)
    let figures = objectives(report).map { objective -> JSONValue in
      let figure = objective.figure
      var properties = [OSCALReport.property("outcome", OutputText.outcome(figure))]
      if let target = figure.objective {
        properties.append(OSCALReport.property("objective-ms", String(target)))
      }
      if let achieved = figure.achieved {
        properties.append(OSCALReport.property("achieved-ms", String(achieved)))
      }
      return [
        "uuid": .string(ids["observation \(objective.name)"]),
        "title": .string("Achieved \(objective.name.uppercased())"),
        "description": .string(
          "\(OutputText.readable(figure.achieved)): \(OutputText.outcome(figure))"),
        "props": .array(properties), "methods": ["TEST"], "collected": collected,
        "relevant-evidence": [
          [
            "href": .string("#\(ids["report"])"),
            "description": "The signed record, whose figures follow from its events.",
          ]
        ],
      ]
    }
    let checks = report.account.checks.map { check -> JSONValue in
      [
        "uuid": .string(ids["observation \(check.step)"]),
        "title": .string(OSCALReport.line("Check \(check.step)")),
        "description": .string(
          OSCALReport.line(
            "\(check.status); expected \(check.expected ?? "success"), seen \(check.value ?? "nothing")"
          )),
        "methods": ["TEST"], "collected": collected,
      ]
    }
    return figures + checks
  }

  static func findings(
    _ report: RunReport, _ ids: OSCALIdentifiers
  ) -> (findings: [JSONValue], risks: [JSONValue]) {
    let figures = report.figures
    let hasEnded = report.events.contains { $0.type == .runFinished }
    let checks = report.account.checks
    let restores = !checks.isEmpty && checks.allSatisfy { $0.status == "succeeded" }
    let isRecovered = figures.rto.isMet != false && figures.rto.achieved != nil
    var risks: [JSONValue] = []
    var missed: [String] = []
    for objective in objectives(report) where objective.figure.isMet == false {
      let id = ids["risk \(objective.name)"]
      missed.append(id)
      let name = objective.name.uppercased()
      risks.append([
        "uuid": .string(id),
        "title": .string("\(name) objective \(OutputText.outcome(objective.figure))"),
        "description": .string(
          "Achieved \(OutputText.readable(objective.figure.achieved)), objective "
            + "\(OutputText.readable(objective.figure.objective))."),
        "statement": .string(
          "A recovery as practised would not be known to meet the plan's \(name)."),
        "status": "open",
      ])
    }
    let rto = ids["observation rto"]
    return (
      [
        finding(
          "cp-4_obj.a-1", "The contingency plan was tested", hasEnded, ids, observation: rto),
        finding(
          "cp-9_obj.a-1", "Backups were restored and checked", restores, ids,
          observation: checks.first.map { ids["observation \($0.step)"] } ?? rto),
        finding(
          "cp-10_obj-1", "Recovery to a known state in time", isRecovered, ids, observation: rto,
          risks: missed),
      ], risks
    )
  }

  private static func finding(
    _ target: String, _ title: String, _ isSatisfied: Bool, _ ids: OSCALIdentifiers,
    observation: String, risks: [String] = []
  ) -> JSONValue {
    var finding: JSONObject = [
      "uuid": .string(ids["finding \(target)"]), "title": .string(title),
      "description": .string("\(title): \(isSatisfied ? "yes" : "no")."),
      "target": [
        "type": "objective-id", "target-id": .string(target),
        "status": [
          "state": isSatisfied ? "satisfied" : "not-satisfied",
          "reason": isSatisfied ? "pass" : "fail",
        ],
      ],
      "related-observations": [["observation-uuid": .string(observation)]],
    ]
    if !risks.isEmpty {
      finding["related-risks"] = .array(risks.map { ["risk-uuid": .string($0)] })
    }
    return .object(finding)
  }
}
