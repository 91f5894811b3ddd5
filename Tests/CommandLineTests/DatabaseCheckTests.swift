import Foundation
import Testing

/// Checks of a restored database beyond a query's value.
extension WaysBackTests {
  private func plan(checking checks: String...) throws -> String {
    let list = checks.map { "        - \($0)\n" }.joined()
    return try tool.plan(["      verify:\n": "      verify:\n" + list], of: "rds-snapshot")
  }

  @Test func rowsExtensionsAndIndexesAreCheckedAndTheNextRunIsHeldAgainstThem() throws {
    let plan = try plan(
      checking: "rowCounts: {name: rows, tables: [people, memories, media]}",
      "rowCounts: {name: last, tables: [people], against: lastRun, within: 0}",
      "extensions: {name: extensions, present: [plpgsql, amcheck]}", "amcheck: {name: indexes}")
    let first = try tool.run("drill", "--plan", plan)
    #expect(first.status == 0, "\(first.errors)")
    for step in ["rows", "last", "extensions", "indexes"] {
      #expect(first.output.contains("succeeded  core-db.\(step)"), "\(first.output)")
    }
    #expect(first.output.contains("last: there is nothing to hold the row counts against yet"))
    _ = try tool.lab("faults", "add", #"{"kind": "empty", "instance": "drill"}"#)
    let missing = try self.plan(
      checking: "rowCounts: {name: rows, tables: [people, memories]}",
      "rowCounts: {name: last, tables: [people], against: lastRun, within: 0}",
      "extensions: {name: extensions, present: [postgis]}")
    let second = try tool.run("drill", "--plan", missing)
    #expect(second.status == 4)
    #expect(
      second.output.contains("memories has 0 rows, and the source 200000"), "\(second.output)")
    #expect(second.output.contains("there is no postgis"))
    // It has its figures from the run before.
    #expect(second.output.contains("succeeded  core-db.last"), "\(second.output)")
    #expect(!second.output.contains("last: there is nothing"))
  }
}
