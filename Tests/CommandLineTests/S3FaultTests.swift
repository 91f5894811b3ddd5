import Foundation
import Testing

/// What goes wrong with the service, the network and this machine.
extension S3DrillTests {
  @Test func aBucketThatIsBusyOrCutsItsAnswersShortIsAskedAgain() throws {
    try lab(
      "faults",
      [
        "faults": [
          ["kind": "slow-down", "count": 3], ["kind": "truncate", "count": 2],
          ["kind": "skew", "count": 1],
        ]
      ])
    let drill = try tool.run("drill", "--plan", try plan())
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains(/20[78] the same/), "\(drill.output)")
  }

  @Test func aBucketThatVanishesInTheMiddleIsNamed() throws {
    try lab("pages", ["size": 20])
    try lab("faults", ["faults": [["kind": "vanish", "after": 8, "count": -1]]])
    let drill = try tool.run("drill", "--plan", try plan())
    #expect(drill.status == 4)
    #expect(drill.errors.contains("NoSuchBucket"), "\(drill.errors)")
    #expect(try !lab.listedKeys("mosaic-media").isEmpty)
    #expect(try !lab.replicaKeys().contains { $0.contains("canary") })
  }

  @Test func aPageThatRepeatsEndsTheComparison() throws {
    try lab("pages", ["size": 20])
    try lab("faults", ["faults": [["kind": "repeat", "after": 2, "count": -1]]])
    let drill = try tool.run("drill", "--plan", try plan())
    #expect(drill.status == 4)
    #expect(drill.errors.contains("the listing is not in order"), "\(drill.errors)")
  }

  /// The whole comparison is one look: its bound does not wait for the answer.
  @Test func aComparisonThatTakesTooLongIsBrokenOff() throws {
    try lab("slow", ["path": "^/mosaic-media/$", "seconds": 120])
    let plan = try plan([
      "canary: true": "canary: false",
      "compare: full": "compare: full\n        timeouts: {compare: 2s}",
    ])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 4, "\(drill.errors)")
    #expect(drill.errors.contains("the step took longer than its bound"), "\(drill.errors)")
  }

  /// The same end as without, and nothing that was compared is listed again.
  @Test func aComparisonThatIsKilledGoesOnWhereItWas() throws {
    try lab.fallBehind(["a first", "media/0100 late", "zz last"])
    let plan = try plan(Self.impatient.merging(["parallel: 16": "parallel: 1"]) { $1 })
    let undisturbed = try tool.run("drill", "--plan", plan)
    let all = try lab.listedKeys("mosaic-media")
    #expect(Set(all).count == all.count)

    // So slow that the first mark, after five seconds, is set in the middle.
    try lab("pages", ["size": 5])
    try lab("slow", ["path": "^/mosaic-media/$", "seconds": 0.18])
    let (process, _, errors) = try tool.start(["drill", "--plan", plan])
    let compared = /(\d+) objects compared/
    var text = ""
    while process.isRunning, text.firstMatch(of: compared) == nil {
      text = try String(contentsOf: errors, encoding: .utf8)
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let done = try #require(text.firstMatch(of: compared).flatMap { Int($0.1) })
    #expect(done > 0 && done < all.count)
    _ = try lab("requests")
    try lab("slow")
    let resumed = try tool.run("resume", try #require(try tool.runs().first))
    #expect(resumed.status == undisturbed.status)
    #expect(try lab.listedKeys("mosaic-media").sorted() == all.sorted().suffix(all.count - done))
    let found = /mosaic-media and mosaic-media-dr: .*/
    let told = try #require(undisturbed.output.firstMatch(of: found)).0
    #expect(told.contains("3 missing"))
    #expect(try #require(resumed.output.firstMatch(of: found)).0 == told)
    let lists = try #require(
      FileManager.default.enumerator(atPath: tool.state)?.compactMap { $0 as? String }
    )
    .filter { $0.hasSuffix("compare.jsonl.zst") }
    #expect(lists.count == 2)
    let lines = try lists.map { list in
      String(
        decoding: try S3Lab.output(of: ["zstd", "-dcq", "\(tool.state)/\(list)"]), as: UTF8.self
      ).split(separator: "\n").sorted()
    }
    #expect(lines[0] == lines[1])
  }

  /// It goes on with the file of a report that it was at.
  @Test func aComparisonOfInventoriesThatIsKilledReadsNoFileTwice() throws {
    try lab.fallBehind(["late/1"])
    let plan = try inventoryPlan(files: 6)
    try lab("slow", ["path": "-dr/daily/data/.*-2.csv.gz$", "seconds": 3])
    let (process, _, errors) = try tool.start(["drill", "--plan", plan])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("2 of 6 files of mosaic-media-dr")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    _ = try lab("requests")
    try lab("slow")
    let resumed = try tool.run("resume", try #require(try tool.runs().first))
    #expect(resumed.status == 4, "\(resumed.errors)")
    #expect(resumed.output.contains("208 objects, 207 the same, 1 missing"), "\(resumed.output)")
    let requests = try #require(try lab("requests")["requests"] as? [[String: Any]])
    let read = requests.compactMap { $0["path"] as? String }.filter { $0.hasSuffix(".csv.gz") }
    #expect(read.map { $0.suffix(9) } == (2..<6).map { "-\($0).csv.gz" })
    #expect(read.allSatisfy { $0.contains("mosaic-media-dr/daily") })
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(tool.state)/reports/s3-media")
    #expect(!left.contains { $0.hasSuffix(".inventories") }, "\(left)")
  }
}
