import Foundation
import Testing

/// What a run says of buckets that are not as they should be, and of such that only look so.
extension S3DrillTests {
  private static let rehydration =
    "rehydrate: {target: mosaic-media-restored, prefixes: [media/000]}"

  private func replicate(onlyPrefix prefix: String) throws {
    let rule: [String: Any] = [
      "ID": "some", "Priority": 1, "Status": "Enabled", "Filter": ["Prefix": prefix],
      "DeleteMarkerReplication": ["Status": "Enabled"],
      "Destination": ["Bucket": "arn:aws:s3:::mosaic-media-dr"],
    ]
    try lab.aws(
      "s3", "us-east-1", "put_bucket_replication",
      [
        "Bucket": "mosaic-media",
        "ReplicationConfiguration": [
          "Role": "arn:aws:iam::123456789012:role/replication", "Rules": [rule],
        ],
      ])
  }

  @Test(arguments: ["full", "{sample: 1000}"])
  func objectsThatNoRuleCoversAreNoPlainPass(comparison: String) throws {
    try replicate(onlyPrefix: "long/")
    try lab.fallBehind(["late/1", "late/2"])
    let drill = try tool.run(
      "drill", "--plan",
      try plan(
        Self.impatient.merging([
          "compare: full": "compare: \(comparison)", "repair: copy": "repair: none",
        ]) { $1 }))
    #expect(
      drill.output.contains(
        "2 objects of mosaic-media are not at mosaic-media-dr, and were never to be replicated: 2 no rule"
      ), "\(drill.output)\(drill.errors)")
    #expect(drill.output.contains("PASS_WITH_EXCEPTIONS"), "\(drill.output)")
    #expect(!drill.output.contains("every change at mosaic-media is at"), "\(drill.output)")
  }

  @Test(arguments: ["full", "{sample: 100}"])
  func aMistypedPrefixIsNoPlainPass(comparison: String) throws {
    let prefixes = "compare: \(comparison)\n        prefixes: [media/, medai/]"
    let drill = try tool.run(
      "drill", "--plan",
      try plan(
        Self.impatient.merging(["compare: full": prefixes, "repair: copy": "repair: none"]) { $1 }))
    #expect(
      drill.output.contains("No object stands in 'medai/' of mosaic-media in us-east-1"),
      "\(drill.output)\(drill.errors)")
    #expect(drill.output.contains("PASS_WITH_EXCEPTIONS"), "\(drill.output)")
  }

  @Test func nothingIsNotBroughtBack() throws {
    for (command, field) in [("drill", "drill"), ("restore", "prefixes")] {
      let plan = try plan(
        Self.impatient.merging([
          "repair: copy": "rehydrate: {target: mosaic-media-restored, \(field): [medai/]}"
        ]) { $1 })
      let run =
        command == "drill"
        ? try tool.run("drill", "--plan", plan) : try tool.run("restore", "--plan", plan, "--yes")
      #expect(run.status == 4, "\(run.output)\(run.errors)")
      #expect(
        (run.output + run.errors).contains("there is nothing to bring back"),
        "\(run.output)\(run.errors)")
    }
  }

  @Test func nobodyIsLedOverToAnEmptyReplica() throws {
    let plan = try plan([
      "replica: mosaic-media-dr": "replica: mosaic-media-restored", "repair: copy": "repair: none",
    ])
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restore.status == 4, "\(restore.output)\(restore.errors)")
    #expect(
      (restore.output + restore.errors).contains("the replica is empty"),
      "\(restore.output)\(restore.errors)")
  }

  @Test func aBucketThatIsNotThereIsNamed() throws {
    let plan = try plan(["replica: mosaic-media-dr": "replica: mosaic-media-drr"])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 4)
    let text = drill.output + drill.errors
    #expect(text.contains("the bucket is not there"), "\(text)")
    #expect(text.contains("mosaic-media-drr in us-west-2"), "\(text)")
  }

  /// An exception in every rehydration would be read by nobody.
  @Test func aRehydrationWithoutFaultIsAPlainPass() throws {
    try lab(
      "put", ["keys": ["media/0003.jpg"], "region": "us-west-2", "bucket": "mosaic-media-dr"])
    let restore = try tool.run(
      "restore", "--plan", try plan(["repair: copy": Self.rehydration]), "--yes")
    #expect(restore.status == 0, "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains("10 missing"), "\(restore.output)")
    #expect(!restore.output.contains("EXCEPTIONS"), "\(restore.output)")
  }

  /// A bucket that changes seldom has no young object, and may have lost nothing.
  @Test func theYoungestObjectIsNoMeasureOfWhatWasLost() throws {
    let restore = try tool.run(
      "restore", "--plan", try plan(["repair: copy": Self.rehydration, "rpo: 15m": "rpo: 1s"]),
      "--yes")
    #expect(restore.status == 3, "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains("How much was lost cannot be told"), "\(restore.output)")
  }

  @Test func whatUsersHaveWrittenToTheTargetStays() throws {
    try lab(
      "put",
      ["keys": ["media/000new"], "region": "us-west-2", "bucket": "mosaic-media-restored"])
    let restore = try tool.run(
      "restore", "--plan", try plan(["repair: copy": Self.rehydration]), "--yes")
    #expect([0, 3].contains(restore.status), "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains("10 the same, 1 only at target"), "\(restore.output)")
    #expect(try lab.keys("mosaic-media-restored", "us-west-2").contains("media/000new"))
  }

  @Test func anInventoryOfAnotherBucketIsRefused() throws {
    let path = try inventoryPlan(files: 2)
    let other = try lab(
      "inventory", ["region": "us-west-2", "bucket": "mosaic-media-restored", "files": 1])
    let lines = try String(contentsOfFile: path, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.contains("replica: {bucket")
          ? "          replica: {bucket: \(other["bucket"] ?? ""), prefix: \(other["prefix"] ?? "")}"
          : String(line)
      }
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    let drill = try tool.run("drill", "--plan", path)
    #expect(drill.status == 4, "\(drill.output)\(drill.errors)")
    let said = drill.output + drill.errors
    #expect(said.contains("the inventory report is of another bucket"), "\(said)")
    #expect(said.contains("it is of mosaic-media-restored"), "\(said)")
  }

  @Test func nobodyIsAskedToAgreeToNothing() throws {
    let restore = try tool.run("restore", "--plan", try plan(Self.impatient), "--yes")
    #expect([0, 3].contains(restore.status), "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains("succeeded  media.agree"), "\(restore.output)")
  }

  /// It would stay for as long as the bucket keeps its objects.
  @Test func noCanaryIsWrittenWhereItCouldNotBeDeleted() throws {
    try lab.aws(
      "s3", "us-west-2", "put_object_lock_configuration",
      [
        "Bucket": "mosaic-media-dr",
        "ObjectLockConfiguration": [
          "ObjectLockEnabled": "Enabled",
          "Rule": ["DefaultRetention": ["Mode": "COMPLIANCE", "Days": 3_650]],
        ],
      ])
    let drill = try tool.run("drill", "--plan", try plan())
    #expect(drill.status == 4)
    let text = drill.output + drill.errors
    #expect(text.contains("a canary could not be deleted again"), "\(text)")
    #expect(text.contains("3650 days (COMPLIANCE)"), "\(text)")
    #expect(try !lab.keys("mosaic-media", "us-east-1").contains { $0.contains("canary") })
  }

  @Test func aReplicationThatIsStillToBeginIsRefused() throws {
    let since = "compare: full\n        replicatedSince: \"2199-01-01T00:00:00Z\""
    let drill = try tool.run(
      "drill", "--plan", try plan(Self.impatient.merging(["compare: full": since]) { $1 }))
    #expect(drill.status == 4)
    #expect(
      (drill.output + drill.errors).contains("the replication is still to begin"),
      "\(drill.output)\(drill.errors)")
  }

  /// The list is no part of the record: its digest is.
  @Test func aListThatWasChangedDoesNotVerify() throws {
    try lab.fallBehind(["late/1", "late/2"])
    let drill = try tool.run("drill", "--plan", try plan(Self.impatient))
    #expect(drill.output.contains("All are listed in "), "\(drill.output)")
    #expect(drill.output.contains("missing 'late/1' ("), "\(drill.output)")
    let reports = "\(tool.state)/reports/s3-media"
    let names = try FileManager.default.contentsOfDirectory(atPath: reports)
    let list = "\(reports)/\(try #require(names.first { $0.hasSuffix(".jsonl.zst") }))"
    let folder = "\(reports)/\(try #require(names.first { $0.contains("-drill-") }))"
    let whole = try tool.run("verify", folder)
    #expect(whole.status == 0)
    #expect(whole.output.contains("is the list that media.compare has written"), "\(whole.output)")
    let bytes = try Data(contentsOf: URL(filePath: list))
    try (bytes + [0]).write(to: URL(filePath: list))
    let changed = try tool.run("verify", folder)
    #expect(changed.status == 6, "\(changed.output)")
    #expect(changed.errors.contains("it is not the list that media.compare has written"))
    try FileManager.default.removeItem(atPath: list)
    let lost = try tool.run("verify", folder)
    #expect(lost.status == 0)
    #expect(lost.output.contains("is not beside the report"), "\(lost.output)")
  }
}
