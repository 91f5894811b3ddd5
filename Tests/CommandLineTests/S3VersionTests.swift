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
}
