import Foundation
import Testing

/// Whole runs against two regions of SeaweedFS with a real asynchronous replication in between.
@Suite(.serialized, .enabled(if: Tool.s3Lab != nil, "the lab is not up: run scripts/test"))
struct S3DrillTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    try lab("faults", ["faults": [Any]()])
    try lab("replicate", ["on": true])
    try settle()
  }

  @discardableResult
  private func lab(_ path: String, _ body: [String: Any] = [:]) throws -> [String: Any] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let json = try JSONSerialization.data(withJSONObject: body)
    process.arguments = [
      "curl", "-sS", "--max-time", "60", "-X", "POST", "\(try #require(Tool.s3Lab))/lab/\(path)",
      "-d", String(decoding: json, as: UTF8.self),
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func settle() throws { #expect(try lab("settle")["settled"] as? Bool == true) }

  private func keys(_ bucket: String, _ region: String) throws -> [String] {
    try #require(try lab("keys", ["bucket": bucket, "region": region])["keys"] as? [String])
  }

  private func replicaKeys() throws -> [String] { try keys("mosaic-media-dr", "us-west-2") }

  /// Objects that stay at the source alone, and are too old to be in flight.
  private func fallBehind(_ keys: [String]) throws {
    try lab("replicate", ["on": false])
    try lab("put", ["keys": keys])
  }

  private static let impatient = ["maxLag: 15m": "maxLag: 1ms", "canary: true": "canary: false"]

  @Test func aReplicaThatKeepsUpPassesAndNoCanaryIsLeft() throws {
    let drill = try tool.run("drill", "--plan", try tool.plan(of: "s3-media"))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("Verdict  PASS"), "\(drill.output)")
    #expect(drill.output.contains("a canary took"))
    // The canary may have been seen on both sides, or in flight.
    #expect(drill.output.contains(/20[67] the same/), "\(drill.output)")
    #expect(try !replicaKeys().contains { $0.contains("canary") })
    #expect(try !keys("mosaic-media", "us-east-1").contains { $0.contains("canary") })
  }

  @Test func aBucketThatIsBusyOrCutsItsAnswersShortIsAskedAgain() throws {
    try lab(
      "faults",
      [
        "faults": [
          ["kind": "slow-down", "count": 3], ["kind": "truncate", "count": 2],
          ["kind": "skew", "count": 1],
        ]
      ])
    let drill = try tool.run("drill", "--plan", try tool.plan(of: "s3-media"))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains(/20[67] the same/), "\(drill.output)")
  }

  @Test func aBucketThatVanishesIsNamed() throws {
    try lab("faults", ["faults": [["kind": "vanish", "count": -1]]])
    let drill = try tool.run("drill", "--plan", try tool.plan(of: "s3-media"))
    #expect(drill.status == 4)
    #expect(drill.errors.contains("NoSuchBucket"), "\(drill.errors)")
    #expect(try !replicaKeys().contains { $0.contains("canary") })
  }

  /// A drill says what is missing and how much that would cost; a restore copies it once somebody agrees.
  @Test func whatIsMissingIsFoundAndCopiedWhenAPersonAgrees() throws {
    let missing = (0..<7).map { "late/\($0) +%.jpg" }
    try fallBehind(missing)
    let plan = try tool.plan(Self.impatient, of: "s3-media")
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 4, "\(drill.errors)")
    #expect(drill.output.contains("7 missing"), "\(drill.output)")
    #expect(drill.output.contains("late/0 +%.jpg"))
    #expect(
      drill.output.contains("the oldest change at mosaic-media that is not at mosaic-media-dr"))
    #expect(try !replicaKeys().contains { $0.hasPrefix("late/") })

    let (process, output, errors) = try tool.start(["restore", "--plan", plan, "--yes"])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("media.agree")
    {}
    let run = try #require(try tool.runs().first)
    #expect(try !replicaKeys().contains { $0.hasPrefix("late/") })
    let approval = try tool.run("approve", run, "media.agree")
    #expect(approval.status == 0, "\(approval.errors)")
    process.waitUntilExit()
    let text = try String(contentsOf: output, encoding: .utf8)
    #expect([0, 3].contains(process.terminationStatus), "\(text)")
    #expect(text.contains("succeeded  media.complete"), "\(text)")
    #expect(try replicaKeys().filter { $0.hasPrefix("late/") } == missing)
  }

  @Test func aBatchJobIsWrittenForWhatIsMissing() throws {
    try fallBehind(["batch/ü 1"])
    let plan = try tool.plan(
      Self.impatient.merging(["repair: copy": "repair: batch"]) { $1 }, of: "s3-media")
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restore.output.contains("create-job"), "\(restore.output)\(restore.errors)")
    let files = try #require(
      FileManager.default.enumerator(atPath: tool.state)?.compactMap { $0 as? String })
    let manifest = try #require(files.first { $0.hasSuffix("repair.csv") })
    #expect(
      try String(contentsOfFile: "\(tool.state)/\(manifest)", encoding: .utf8)
        == "mosaic-media,batch/%C3%BC%201\n")
  }

  @Test func aFreshBucketIsFilledFromTheReplica() throws {
    let plan = try tool.plan(
      ["repair: copy": "rehydrate: {target: mosaic-media-restored, prefixes: [media/, long/]}"],
      of: "s3-media")
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restore.output.contains("201 the same"), "\(restore.output)\(restore.errors)")
    #expect(
      try keys("mosaic-media-restored", "us-west-2")
        == replicaKeys().filter { $0.hasPrefix("media/") || $0.hasPrefix("long/") })
    // Again there is nothing to copy.
    let again = try tool.run("restore", "--plan", plan, "--yes")
    #expect(again.output.contains("201 the same"), "\(again.output)\(again.errors)")
  }

  @Test func aSampleSaysWhatItProves() throws {
    let plan = try tool.plan(["compare: full": "compare: {sample: 100}"], of: "s3-media")
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("with 95 % certainty at most 3 % of all are"), "\(drill.output)")
  }
}
