import Foundation
import PositionedYAML
import StrictJSON
import Testing

@testable import Recoveries
@testable import RecoveryPlan

@Suite struct PlanTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func shipped(_ name: String = "rds-prod.yaml") throws -> String {
    try String(contentsOf: Self.root.appending(path: "plans/\(name)"), encoding: .utf8)
  }

  private func read(_ text: String) -> (plan: RecoveryPlan?, diagnostics: [Diagnostic]) {
    PlanReader(kinds: ComponentKinds.all).read(Array(text.utf8), file: "p.yaml")
  }

  @Test(arguments: ["rds-prod.yaml", "rds-snapshot.yaml"])
  func shippedPlansAreValid(name: String) throws {
    let (plan, diagnostics) = read(try shipped(name))
    #expect(diagnostics == [])
    #expect(plan?.components.first?.checks.count == 4)
  }

  @Test(arguments: [
    "rds-snapshot-copy.yaml", "rds-aws-backup.yaml", "rds-replica.yaml", "rds-failover.yaml",
    "aurora-snapshot.yaml",
    "aurora-point-in-time.yaml",
  ])
  func shippedWaysBackAreValid(name: String) throws {
    let (plan, diagnostics) = read(try shipped(name))
    #expect(plan?.components.first?.checks.count == 2)
    // Aurora's continuous backups do not leave their region.
    #expect(diagnostics.count == (name == "aurora-point-in-time.yaml" ? 1 : 0))
  }

  @Test(arguments: [
    ("{latestSnapshot: {type: manual, tags: {Purpose: dr}}}", true), ("replicatedBackup", true),
    ("{snapshotCopy: {}}", true),
    ("{snapshotCopy: {kmsKey: alias/dr, snapshot: \"rds:a-b\"}}", true),
    ("{replica: a, failover: b}", false), ("{replica: -a}", false), ("replica", false),
    ("{latestSnapshot: {type: shared}}", false), ("{latestSnapshot: {tag: {}}}", false),
  ])
  func theWaysBackAreRead(source: String, isOne: Bool) throws {
    let text = try shipped().replacingOccurrences(
      of: "recoverFrom: pointInTime", with: "recoverFrom: \(source)")
    #expect((read(text).plan != nil) == isOne)
  }

  @Test func theShippedSchemaIsUpToDate() throws {
    #expect(
      try shipped("recovery-plan.schema.json")
        == PlanSchema.schema(kinds: ComponentKinds.all).prettyText() + "\n",
      "run: mosaic-dr schema > plans/recovery-plan.schema.json")
  }

  @Test func theShippedReferenceIsUpToDate() throws {
    let page = try String(
      contentsOf: Self.root.appending(path: "docs/plan-reference.md"), encoding: .utf8)
    #expect(
      page == PlanReference.markdown(kinds: ComponentKinds.all) + "\n",
      "run: mosaic-dr schema --format markdown > docs/plan-reference.md")
  }

  @Test func oneMistakeIsToldOnce() throws {
    let text = try shipped().replacingOccurrences(of: "      rds:", with: "      rdss:")
    #expect(read(text).diagnostics.count == 1)
    let unnamed = try shipped().replacingOccurrences(
      of: "components:", with: "components:\n    - rds: {}")
    #expect(!read(unnamed).diagnostics.contains { $0.message.contains("has the name") })
  }

  @Test func oneRegionForBothIsDoubtfulButAllowed() throws {
    let text = try shipped().replacingOccurrences(of: "us-west-2}", with: "us-east-1}")
    let (plan, diagnostics) = read(text)
    #expect(plan != nil)
    #expect(diagnostics.map(\.severity) == [.warning])
    #expect(diagnostics.first?.rendered.hasPrefix("p.yaml:10:43: warning: ") == true)
  }

  @Test(arguments: [
    ("90s", true), ("1h30m", true), ("2d", true), ("1ms", true), ("0s", false), ("", false),
    ("30m1h", false), ("1m1m", false), ("1.5h", false), ("-1s", false), ("1", false), ("s", false),
  ])
  func theSchemaAndTheReaderAgreeOnLengthsOfTime(text: String, isOne: Bool) throws {
    #expect((DurationText.parse(text) != nil) == isOne)
    let pattern = try Regex(DurationText.pattern)
    #expect((try pattern.firstMatch(in: text) != nil) == isOne)
  }

  @Test(arguments: [
    ("06:00-10:00 UTC", true), ("Sat 06:00-10:00 UTC", true), ("Sam 06:00-10:00 UTC", false),
    ("06:00-10:00", false), ("6:00-10:00 UTC", false), ("24:00-10:00 UTC", false),
    ("06:60-10:00 UTC", false), ("Sat  06:00-10:00 UTC", false), ("+6:00-10:00 UTC", false),
  ])
  func theSchemaAndTheReaderAgreeOnWindows(text: String, isOne: Bool) throws {
    let schema = FieldType<DrillWindow>.window.schema()["pattern"]?.stringValue
    let pattern = try Regex(try #require(schema))
    #expect((try pattern.firstMatch(in: text) != nil) == isOne)
    let plan = try shipped().replacingOccurrences(
      of: "every: quarter, window: \"Sat 06:00-10:00 UTC\"",
      with: "every: week, window: \"\(text)\"")
    #expect((read(plan).plan != nil) == isOne)
  }

  @Test(arguments: [
    ("rto: 60m", "rto: 60 minutes", "9:21", "'60 minutes' is not a length of time"),
    ("rto: 60m", "rto: 9999999999999999999d", "9:21", "is not a length of time"),
    ("rto: 60m, rpo: 5m", "", "9:15", "there is no objective"),
    ("subnetGroup: dr", "subnetGrup: dr", "20:11", "unknown key 'subnetGrup'"),
    ("name: people", "name: cleanup", "32:23", "the name 'cleanup' already"),
    ("name: people", "name: memories", "32:23", "'memories' (at 31:23)"),
    ("kind: RecoveryPlan", "kind: Plan", "3:7", "'Plan' is not one of RecoveryPlan"),
    ("- name: core-db", "- name: core-db\n      dependsOn: [core-bd]", "13:19", "'core-bd'"),
    (
      "- name: core-db", "- name: core-db\n      dependsOn: [core-db]", "13:19",
      "wait for each other"
    ),
    ("multiAZ: true", "multiAZ: 1e400", "23:20", "is not true or false"),
    ("column: written_at", "column: \"a); drop table x; --\"", "37:69", "is not a plain SQL name"),
    ("recoverFrom: pointInTime", "recoverFrom: yesterday", "16:22", "no source to recover from"),
    ("tags: {Project", "tags: {\"aws:x\": y, Project", "7:10", "is not a tag"),
    ("tags: {Project", "tags: {Year: 5, Project", "7:10", "is not a tag"),
    ("tags: {Project", "tags: {\"a\\nb\": x, Project", "7:10", "is not a tag"),
    ("owner: platform@mosaic.example", "owner: 5", "6:10", "'5' is not a text"),
    ("owner: platform@mosaic.example", "owner: ~", "6:10", "'~' is not a text"),
    ("owner: platform@mosaic.example", "owner: \"a\\nb\"", "6:10", "is not a text"),
    ("recovery: us-west-2", "recovery: us-west-+1", "10:43", "not the name of an AWS region"),
    ("sg-0d4d4d4d4d4d4d4d4", "sg-", "21:28", "not a security group"),
    ("sg-0d4d4d4d4d4d4d4d4", "sg-\u{E9}", "21:28", "not a security group"),
    ("class: db.r6g.large", "class: \"db.; rm\"", "19:18", "not an RDS instance class"),
    ("expect: \">= 100000\"", "expect: \">= abc\"", "31:81", "no expectation"),
    ("backupRetention: 7", "backupWindow: \"03:00-03:10\"", "25:34", "not a daily window"),
    ("backupRetention: 7", "maintenanceWindow: someday", "25:39", "not a weekly window"),
    ("backupRetention: 7", "monitoringInterval: 7", "25:40", "not one of 0, 1, 5"),
    ("backupRetention: 7", "monitoringInterval: 60", "25:40", "has no role"),
    ("      rds:", "      rdss:", "13:7", "no kind of component 'rdss'"),
    (
      "- name: core-db", "- name: a\n      rds: {}\n    - name: a", "14:13",
      "the name 'a' (at 12:13)"
    ),
    (
      "column: written_at}", "column: written_at}\n          sql: {}", "38:11",
      "exactly one kind; this has heartbeat, sql"
    ),
    ("{env: MOSAIC_DR_DB_PASSWORD}", "{env: A, file: b}", "29:30", "is given twice"),
    ("{env: MOSAIC_DR_DB_PASSWORD}", "{}", "29:21", "is missing"),
    ("regions:", "include: [{plan: other}]\n  regions:", "10:20", "no plan 'other'"),
    (
      "Sat 06:00-10:00 UTC", "Sat 25:00-10:00 UTC", "38:38", "is not a window"
    ),
    ("[12-19/01-04]", "[12-19]", "38:73", "is not a span of days"),
    ("every: quarter", "every: day", "38:34", "on one day of the week only"),
    ("regions:", "timeout: forever\n  regions:", "10:12", "not a length of time"),
    ("recoverFrom: pointInTime", "recoverFrom: {snapshot: \"a--b\"}", "16:33", "of a DB snapshot"),
  ])
  func everyMistakeIsNamedWhereItStands(
    old: String, new: String, position: String, words: String
  ) throws {
    let text = try shipped().replacingOccurrences(of: old, with: new)
    let (plan, diagnostics) = read(text)
    #expect(plan == nil)
    let found = diagnostics.map { "\($0.position) \($0.message)" }
    #expect(found.contains { $0.hasPrefix(position) && $0.contains(words) }, "\(found)")
  }

  @Test(arguments: [
    ("true", "t", true), ("true", "f", false), ("false", "f", true), ("== 15", "15.0", true),
    ("!= true", "t", false), ("text", "text", true), ("<= 1.5", "1.50", true), ("> 1", "1", false),
  ])
  func expectationsMeanWhatTheySay(expected: String, found: String, isMet: Bool) throws {
    #expect(try #require(Expectation(expected)).isSatisfied(by: found) == isMet)
  }

  @Test func hostilePlansEndInADiagnostic() {
    var bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for (name, last) in zip("bcdefghij", "abcdefghi") {
      bomb +=
        "\(name): &\(name) [\(Array(repeating: "*\(last)", count: 9).joined(separator: ","))]\n"
    }
    let deep = String(repeating: "[", count: 100_000)
    let large = String(repeating: "a", count: 10 << 20)
    for text in [bomb, deep, large, "\u{0}", "", "- 1", "a: 1\na: 2"] {
      let (plan, diagnostics) = read(text)
      #expect(plan == nil)
      #expect((1...DiagnosticSink.maximum).contains(diagnostics.count))
    }
  }
}
