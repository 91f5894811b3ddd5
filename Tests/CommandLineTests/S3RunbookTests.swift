import Foundation
import Testing

/// What a person does by hand from the runbooks of buckets, with the real AWS command line: nothing is run but what
/// they say.
extension S3DrillTests {
  private func script(_ plan: String) throws -> String {
    let runbook = try tool.run("runbook", "--plan", plan)
    #expect(runbook.status == 0, "\(runbook.errors)")
    // Millions of keys are nobody's to fill in.
    #expect(!runbook.output.contains("aws s3api copy-object "), "\(runbook.output)")
    return Tool.script(of: runbook.output)
  }

  @Test func aReplicaIsMendedByHand() throws {
    let missing = ["late/1 +%.jpg", "late/emoji-\u{1f600}", "late/ü?&=#"]
    try lab.fallBehind(missing)
    let byHand = try tool.bash(try script(try plan()))
    #expect(byHand.status == 0, "\(byHand.output)")
    for key in missing {
      let line = "(dryrun) copy: s3://mosaic-media/\(key) to"
      #expect(byHand.output.contains(line), "\(byHand.output)")
    }
    // Nothing is left to be shown when it is compared again.
    #expect(byHand.output.ranges(of: "(dryrun)").count == missing.count, "\(byHand.output)")
    #expect(try lab.replicaKeys() == lab.keys("mosaic-media", "us-east-1"))
    let drill = try tool.run("drill", "--plan", try plan(Self.impatient))
    #expect(drill.output.contains("210 objects, 210 the same."), "\(drill.output)\(drill.errors)")
  }

  /// A setting that a bucket does not have is an answer; a bucket that is not there is none.
  @Test func onlyWhatMayBeAbsentMayBeAbsent() throws {
    let whole = try script(try plan())
    let start = try #require(
      whole.range(of: "aws s3api get-bucket-lifecycle-configuration --region us-east-1"))
    let end = try #require(whole[start.lowerBound...].range(of: " answer.txt\n"))
    let command = String(whole[start.lowerBound..<end.upperBound])
    let there = try tool.bash("set -euo pipefail\n\(command)echo goes on")
    #expect(there.status == 0 && there.output.contains("goes on"), "\(there.output)")
    #expect(there.output.contains("NoSuchLifecycleConfiguration"), "\(there.output)")
    let other = command.replacingOccurrences(of: "mosaic-media", with: "mosaic-nowhere")
    let gone = try tool.bash("set -euo pipefail\n\(other)echo goes on")
    #expect(gone.status != 0 && !gone.output.contains("goes on"), "\(gone.output)")
    #expect(gone.output.contains("NoSuchBucket"), "\(gone.output)")
  }

  /// Prefixes need not end where folders do.
  @Test func aFreshBucketIsFilledByHandLikeByTheEngine() throws {
    let prefixes = "[media/000, long/, plus+a]"
    let rehydration = "rehydrate: {target: mosaic-media-restored, prefixes: \(prefixes)}"
    let plan = try plan(["repair: copy": rehydration])
    let byHand = try tool.bash(try script(plan))
    #expect(byHand.status == 0, "\(byHand.output)")
    let filled = try lab.keys("mosaic-media-restored", "us-west-2")
    #expect(filled.count == 12, "\(filled)")
    try lab("reset")
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restore.output.contains("12 the same"), "\(restore.output)\(restore.errors)")
    #expect(try lab.keys("mosaic-media-restored", "us-west-2") == filled)
  }

  @Test func theShippedRunbookOfObservabilityRunsToItsEnd() throws {
    let buckets = ["thanos", "loki"].flatMap { ["mosaic-\($0)-dr", "mosaic-\($0)-restored"] }
    let keys = ["index/a 1+%", "fake/b\u{1f600}", "other/c"]
    let inWest = "--region us-west-2 --bucket"
    let made = buckets.map { bucket in
      "aws s3api create-bucket \(inWest) \(bucket) "
        + "--create-bucket-configuration LocationConstraint=us-west-2\n"
        + (bucket.hasSuffix("-dr")
          ? keys.map { "aws s3api put-object \(inWest) \(bucket) --key '\($0)' --body content\n" }
            .joined() : "")
    }.joined()
    let before = try tool.bash("set -e\necho content > content\n\(made)")
    #expect(before.status == 0, "\(before.output)")
    let byHand = try tool.bash(try script(try tool.plan(of: "s3-observability")))
    #expect(byHand.status == 0, "\(byHand.output)")
    #expect(try lab.keys("mosaic-thanos-restored", "us-west-2") == keys.sorted())
    #expect(try lab.keys("mosaic-loki-restored", "us-west-2") == Array(keys[..<2]).sorted())
    let removal = try tool.bash(
      buckets.map { "aws s3 rb s3://\($0) --force --region us-west-2\n" }.joined())
    #expect(removal.status == 0, "\(removal.output)")
  }
}
