import Foundation
import Testing

/// What a reviewer of a plan sees: mistakes in place, and what a change would mean.
@Suite struct ReviewTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  private func json(_ text: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(text.utf8))
  }

  @Test func mistakesAreToldToPrograms() throws {
    let plan = try tool.plan(["kind: RecoveryPlan": "kind: Plan"])
    let plain = try tool.run("validate", plan, "--format", "json")
    #expect(plain.status == 2)
    let mistake = try #require((try json(plain.output) as? [[String: Any]])?.first)
    #expect(mistake["line"] as? Int == 3)
    #expect(mistake["column"] as? Int == 7)
    #expect((mistake["fix"] as? String)?.isEmpty == false)

    let sarif = try tool.run("validate", plan, "--format", "sarif")
    #expect(sarif.status == 2)
    let file = tool.folder.appending(path: "plans.sarif")
    try sarif.output.write(to: file, atomically: true, encoding: .utf8)
    #expect(try tool.isValid(file.path, by: "validate_sarif.py"))
    let unknown = sarif.output.replacingOccurrences(of: "startLine", with: "startLines")
    try unknown.write(to: file, atomically: true, encoding: .utf8)
    #expect(!(try tool.isValid(file.path, by: "validate_sarif.py")))
    let log = try #require(try json(sarif.output) as? [String: Any])
    #expect(log["version"] as? String == "2.1.0")
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    let result = try #require((run["results"] as? [[String: Any]])?.first)
    let location = try #require((result["locations"] as? [[String: Any]])?.first)
    let place = try #require(location["physicalLocation"] as? [String: Any])
    #expect((place["region"] as? [String: Any])?["startLine"] as? Int == 3)
    #expect((place["artifactLocation"] as? [String: Any])?["uri"] as? String == "file://\(plan)")
    #expect(result["level"] as? String == "error")
  }

  @Test func aValidPlanHasNoResults() throws {
    let sarif = try tool.run(
      "validate", Tool.root.appending(path: "plans/rds-prod.yaml").path, "--format", "sarif")
    #expect(sarif.status == 0)
    let log = try #require(try json(sarif.output) as? [String: Any])
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    #expect((run["results"] as? [Any])?.isEmpty == true)
  }

  @Test func aChangeIsToldByWhatItWouldDo() throws {
    let old = try tool.plan()
    let same = try tool.run("plan", "--plan", try tool.plan(), "--against", old)
    #expect(same.status == 0)
    #expect(same.output == "Nothing would change.\n")

    let new = try tool.plan([
      "recoverFrom: pointInTime": "recoverFrom: latestSnapshot",
      "column: written_at}": "column: written_at}\n        - sql: {query: select 1, expect: \"1\"}",
    ])
    let change = try tool.run("plan", "--plan", new, "--against", old)
    #expect(change.output.contains("~ core-db.recovery-point"))
    #expect(
      change.output.contains("kind: rds.select-point-in-time → rds.select-snapshot"),
      "\(change.output)")
    #expect(change.output.contains("now: aws rds describe-db-snapshots"))
    #expect(change.output.contains("+ core-db.sql"))
    let back = try tool.run("plan", "--plan", old, "--against", new, "--format", "json")
    let told = try #require(try json(back.output) as? [String: Any])
    let entries = try #require(told["steps"] as? [[String: Any]])
    #expect(entries.contains { $0["change"] as? String == "removed" })
    #expect(try tool.run("plan", "--plan", new, "--against", old, "--format", "dot").status == 2)
  }

  @Test func aChangeOfTheTermsIsToldThoughTheStepsAreTheSame() throws {
    let old = try tool.plan()
    let new = try tool.plan(["rto: 60m": "rto: 30m"])
    let change = try tool.run("plan", "--plan", new, "--against", old)
    #expect(
      change.output == """
        ~ objective rto: 1 h 00 m → 30 m 00 s: a run that was good enough may miss it
        The steps are the same.

        """)
    let told = try json(
      try tool.run("plan", "--plan", new, "--against", old, "--format", "json").output)
    let term = try #require(((told as? [String: Any])?["terms"] as? [[String: Any]])?.first)
    #expect(term["term"] as? String == "objective rto")
    #expect(term["before"] as? String == "1 h 00 m")
    #expect(term["after"] as? String == "30 m 00 s")
  }
}
