import Foundation
import Testing

/// The runbooks of the other ways back, with the real AWS command line against the lab: by hand ends like
/// the engine. They run side by side, since their commands wait most of the time.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct RunbookWaysTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  /// A way back that is gone twice, into databases of these names.
  private struct Way {
    let plan: String
    var region = "us-west-2"
    var isCluster = false

    /// What the plan says in place of its target's class, so that the two do not get into each other's way.
    func replacements(_ name: String) -> [String: String] {
      if plan == "rds-replica" { return ["mosaic-prod-core-replica": name] }
      return ["class: db.r6g.large": "identifier: \(name)\n          class: db.r6g.large"]
    }
  }

  private static let ways = [
    Way(plan: "rds-snapshot"), Way(plan: "rds-snapshot-copy"), Way(plan: "rds-aws-backup"),
    Way(plan: "rds-replica"), Way(plan: "aurora-snapshot", isCluster: true),
    Way(plan: "aurora-point-in-time", region: "us-east-1", isCluster: true),
  ]

  @Test func everyWayBackByHandEndsLikeTheEngines() throws {
    let engine = { (way: Way) in "\(way.plan)-engine" }
    let hand = { (way: Way) in "\(way.plan)-hand" }
    let replica = Way(plan: "rds-replica")
    try tool.makeReplicas([engine(replica), hand(replica)])
    let started = try Self.ways.map { way in
      let tool = try Tool()
      let plan = try tool.plan(way.replacements(engine(way)), of: way.plan)
      let restore = try tool.start(["restore", "--plan", plan, "--yes"])
      let same = try tool.plan(way.replacements(hand(way)), of: way.plan)
      let runbook = try tool.run("runbook", "--plan", same).output
      return (way, tool, restore, try tool.startBash(Tool.script(of: runbook)))
    }
    for (way, tool, restore, byHand) in started {
      restore.process.waitUntilExit()
      byHand.process.waitUntilExit()
      let complaints = try String(contentsOf: restore.errors, encoding: .utf8)
      #expect(restore.process.terminationStatus == 0, "\(way.plan): \(complaints)")
      if way.plan == "rds-replica" { try expectAStandbyThatNobodyWaitedFor(restore.output) }
      let told = try String(contentsOf: byHand.output, encoding: .utf8)
      #expect(byHand.process.terminationStatus == 0, "\(way.plan): \(told)")
      if way.isCluster {
        try compare(engine(way), hand(way), of: way, isCluster: true)
        try compare("\(engine(way))-i1", "\(hand(way))-i1", of: way)
      } else {
        try compare(engine(way), hand(way), of: way)
      }
      _ = tool
    }
  }

  private func expectAStandbyThatNobodyWaitedFor(_ output: URL) throws {
    let report = try String(contentsOf: output, encoding: .utf8)
    #expect(report.contains("succeeded  core-db.standby"), "\(report)")
    let path = try #require(report.split(separator: "\n").first { $0.hasPrefix("Path") })
    #expect(path.contains("core-db.verified") && !path.contains("standby"), "\(path)")
  }

  private func compare(
    _ engine: String, _ hand: String, of way: Way, isCluster: Bool = false
  ) throws {
    let made = try tool.state(of: engine, in: way.region, isCluster: isCluster)
    let same = try tool.state(of: hand, in: way.region, isCluster: isCluster)
    for key in Set((made.allKeys + same.allKeys).compactMap { $0 as? String }).sorted() {
      #expect(
        same[key] as? NSObject == made[key] as? NSObject,
        "\(way.plan): \(key) is \(same[key] ?? "?"), not \(made[key] ?? "?")")
    }
    #expect(made[isCluster ? "Status" : "DBInstanceStatus"] as? String == "available")
    // As the lost one had it, though no plan says so.
    if !way.isCluster { #expect(made["MultiAZ"] as? Bool == true, "\(way.plan)") }
  }

  @Test func theStandbyTakesOverByHand() throws {
    let zone = {
      try tool.state(of: "mosaic-prod-core", in: "us-east-1")["AvailabilityZone"] as? String
    }
    let before = try zone()
    let runbook = try tool.run("runbook", "--plan", try tool.plan(of: "rds-failover")).output
    let byHand = try tool.bash(Tool.script(of: runbook))
    #expect(byHand.status == 0, "\(byHand.output)")
    #expect(try zone() != before)
  }
}
