import Foundation
import Testing

/// What the canary of a bucket measures, and what it does not take for a measure.
extension S3DrillTests {
  private static let canaryAlone = [
    "compare: full": "compare: none", "repair: copy": "repair: none",
  ]

  /// The canaries that are at the source.
  private func canaries(in bucket: String = "mosaic-media", _ region: String = "us-east-1") throws
    -> [String]
  {
    try lab.keys(bucket, region).filter { $0.contains("mosaic-dr-canary") }
  }

  /// A drill whose canary is at the source and cannot come to the replica.
  private func drillThatWaits(_ plan: String) throws -> (Process, errors: URL, key: String) {
    try lab("replicate", ["on": false])
    let (process, _, errors) = try tool.start(["drill", "--plan", plan])
    while process.isRunning, try canaries().isEmpty {}
    return (process, errors, try #require(try canaries().first))
  }

  /// Nobody saw how long it took, so that another one is sent; both are deleted.
  @Test func aCanaryThatArrivesWhileTheProcessIsDeadIsNoMeasure() throws {
    let (process, _, first) = try drillThatWaits(try plan(Self.canaryAlone))
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try lab("replicate", ["on": true])
    #expect(try lab("settle")["settled"] as? Bool == true)
    #expect(try canaries(in: "mosaic-media-dr", "us-west-2") == [first])
    let run = try #require(try tool.runs().first)
    let resumed = try tool.run("resume", run)
    #expect(resumed.status == 0, "\(resumed.output)\(resumed.errors)")
    let report = try tool.run("report", run, "--format", "json").output
    #expect(report.contains("a canary arrived while nobody watched"), "\(report)")
    #expect(report.contains("\(first)-2"), "\(report)")
    #expect(try canaries().isEmpty && canaries(in: "mosaic-media-dr", "us-west-2").isEmpty)
  }

  /// It was not there yet when the next process looked: the replication itself is as late as that.
  @Test func aCanaryThatIsStillOnItsWayAfterACrashIsAMeasure() throws {
    let (process, _, first) = try drillThatWaits(try plan(Self.canaryAlone))
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let run = try #require(try tool.runs().first)
    let (resumed, output, errors) = try tool.start(["resume", run])
    while resumed.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("not at the replica yet")
    {}
    try lab("replicate", ["on": true])
    resumed.waitUntilExit()
    let text = try String(contentsOf: output, encoding: .utf8)
    #expect([0, 3].contains(resumed.terminationStatus), "\(text)")
    let report = try tool.run("report", run, "--format", "json").output
    #expect(!report.contains("\(first)-2"), "\(report)")
    #expect(text.contains("a canary took"), "\(text)")
  }

  /// A replica without tags is not what was sent.
  @Test func aCanaryThatComesWithoutItsTagsIsNotIdentical() throws {
    let (process, errors, key) = try drillThatWaits(try plan(Self.canaryAlone))
    let copied = try tool.bash(
      """
      set -e
      aws s3api get-object --region us-east-1 --bucket mosaic-media --key '\(key)' canary
      aws s3api put-object --region us-west-2 --bucket mosaic-media-dr --key '\(key)' --body canary
      """)
    #expect(copied.status == 0, "\(copied.output)")
    process.waitUntilExit()
    let text = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 4, "\(text)")
    #expect(text.contains("its tags are others: Component"), "\(text)")
  }
}
