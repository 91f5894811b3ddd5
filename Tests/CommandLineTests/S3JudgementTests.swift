import Foundation
import Testing

/// What a run makes of objects that are newer, archived, or not shown.
extension S3DrillTests {
  private static let west = "us-west-2"

  private var rehydration: [String: String] {
    ["repair: copy": "rehydrate: {target: mosaic-media-restored, prefixes: [media/000]}"]
  }

  /// Somebody has worked with the target since.
  @Test func aRehydrationDoesNotOverwriteWhatIsNewer() throws {
    let newer: [String: Any] = [
      "region": Self.west, "bucket": "mosaic-media-restored", "keys": ["media/0004.jpg"],
      "content": "MEDIA/0004.JPG",
    ]
    try lab("put", newer)
    let restore = try tool.run("restore", "--plan", try plan(rehydration), "--yes")
    #expect(restore.status == 4, "\(restore.output)\(restore.errors)")
    #expect(
      restore.output.contains("10 objects, 9 the same, 1 newer"),
      "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains("media/0004.jpg"), "\(restore.output)")
  }

  /// A replica in an archive is of no use for hours: a drill says so, a restore does not leave it out silently.
  @Test func whatIsArchivedAtTheReplicaIsNamed() throws {
    let archived = (2..<5).map { "media/000\($0).jpg" }
    let fields = ["x-amz-storage-class": "DEEP_ARCHIVE"]
    try lab(
      "pretend",
      [
        "objects": Dictionary(
          uniqueKeysWithValues: archived.map { ("mosaic-media-dr/\($0)", fields) })
      ])
    let drill = try tool.run("drill", "--plan", try plan(["canary: true": "canary: false"]))
    #expect(
      drill.output.contains(
        "3 objects of mosaic-media-dr are in DEEP_ARCHIVE: they can be read only once they are restored, "
          + "which takes 12 to 48 hours"), "\(drill.output)\(drill.errors)")
    let restore = try tool.run("restore", "--plan", try plan(rehydration), "--yes")
    #expect(restore.status == 4, "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains("7 the same, 3 archived"), "\(restore.output)")
    #expect(restore.output.contains("RestoreObject"), "\(restore.output)")
    #expect(
      try lab.keys("mosaic-media-restored", Self.west).filter(archived.contains).isEmpty)

    // Once they are restored they are copied.
    let readable = fields.merging(["x-amz-restore": "ongoing-request=\"false\""]) { $1 }
    try lab(
      "pretend",
      [
        "objects": Dictionary(
          uniqueKeysWithValues: archived.map { ("mosaic-media-dr/\($0)", readable) })
      ])
    let again = try tool.run("restore", "--plan", try plan(rehydration), "--yes")
    #expect(again.output.contains("10 the same."), "\(again.output)\(again.errors)")
  }

  /// A policy or a key of KMS may keep one object from us.
  @Test func anObjectThatIsNotShownDoesNotEndTheComparison() throws {
    try lab.fallBehind(["late/1", "late/closed"])
    try lab(
      "faults", ["faults": [["kind": "denied", "path": "mosaic-media/late/closed$", "count": -1]]])
    let drill = try tool.run("drill", "--plan", try plan(Self.impatient))
    #expect(drill.status == 4)
    #expect(drill.output.contains("207 the same, 2 missing"), "\(drill.output)\(drill.errors)")
    #expect(
      drill.output.contains(
        "1 could not be looked up: S3 answered AccessDenied from mosaic-media"),
      "\(drill.output)")
  }
}
