import Foundation
import Testing

/// What a comparison of versions makes of deletions, of either side.
extension S3DrillTests {
  private static let bucket = "mosaic-letters"
  private static let west = "us-west-2"

  private func versionPlan(_ comparesVersions: Bool) throws -> String {
    try plan(
      Self.impatient.merging([
        "source: mosaic-media": "source: \(Self.bucket)",
        "replica: mosaic-media-dr": "replica: \(Self.bucket)-dr",
        "compare: full": "compare: full\n        versions: \(comparesVersions)",
        "repair: copy": "repair: none",
      ]) { $1 })
  }

  private func put(_ keys: [String], in region: String = "us-east-1") throws {
    let bucket = region == Self.west ? "\(Self.bucket)-dr" : Self.bucket
    for key in keys {
      try lab.aws(
        "s3", region, "put_object", ["Bucket": bucket, "Key": key, "Body": "\(region) \(key)"])
    }
  }

  /// Every version is there, and users of the replica find something else.
  @Test func whatHidesVersionsOfTheReplicaIsFound() throws {
    try put((0..<5).map { "a/\($0)" })
    try lab("replicate-versions")
    try lab.aws("s3", Self.west, "delete_object", ["Bucket": "\(Self.bucket)-dr", "Key": "a/1"])
    try put(["a/2"], in: Self.west)
    for comparesVersions in [true, false] {
      let drill = try tool.run("drill", "--plan", try versionPlan(comparesVersions))
      #expect(drill.status == 4, "\(drill.output)")
      #expect(
        drill.output.contains("5 objects, 3 the same, 1 missing, 1 different"), "\(drill.output)")
    }
  }

  /// `null` names what was there before versions were kept, not what is current.
  @Test func aNullVersionIsLookedUpByItsName() throws {
    for status in ["Suspended", "Enabled"] {
      try lab.aws(
        "s3", "us-east-1", "put_bucket_versioning",
        ["Bucket": Self.bucket, "VersioningConfiguration": ["Status": status]])
      try put(["old/doc"])
    }
    try lab("replicate-versions")
    let plan = try versionPlan(true)
    let whole = try tool.run("drill", "--plan", plan)
    #expect(whole.output.contains("2 objects, 2 the same."), "\(whole.output)\(whole.errors)")
    try lab.aws(
      "s3", Self.west, "delete_object",
      ["Bucket": "\(Self.bucket)-dr", "Key": "old/doc", "VersionId": "null"])
    let part = try tool.run("drill", "--plan", plan)
    #expect(part.status == 4, "\(part.output)")
    #expect(part.output.contains("2 objects, 1 the same, 1 missing"), "\(part.output)")
  }

  /// S3 replicates no delete marker that a lifecycle rule adds, whatever the rules of the replication say.
  @Test func whatALifecycleRuleHasExpiredIsNoFinding() throws {
    try put((0..<5).map { "tmp/\($0)" } + ["kept/0"])
    let rule: [String: Any] = [
      "ID": "exp", "Status": "Enabled", "Filter": ["Prefix": "tmp/"],
      "Expiration": ["Date": "2026-01-01T00:00:00Z"],
    ]
    try lab.aws(
      "s3", "us-east-1", "put_bucket_lifecycle_configuration",
      ["Bucket": Self.bucket, "LifecycleConfiguration": ["Rules": [rule]]])
    try lab("replicate-versions")
    for key in ["tmp/0", "tmp/1"] {
      try lab.aws("s3", "us-east-1", "delete_object", ["Bucket": Self.bucket, "Key": key])
    }
    for comparesVersions in [true, false] {
      let drill = try tool.run("drill", "--plan", try versionPlan(comparesVersions))
      #expect(drill.status == 0, "\(drill.output)\(drill.errors)")
      #expect(drill.output.contains("the same, 2 never eligible"), "\(drill.output)")
    }
    // Nothing but that rule excuses it.
    try lab.aws("s3", "us-east-1", "delete_object", ["Bucket": Self.bucket, "Key": "kept/0"])
    for (comparesVersions, kind) in [(true, "missing"), (false, "extra")] {
      let drill = try tool.run("drill", "--plan", try versionPlan(comparesVersions))
      #expect(drill.status == 4, "\(drill.output)")
      #expect(drill.output.contains(" 1 \(kind), 2 never eligible"), "\(drill.output)")
    }
  }
}
