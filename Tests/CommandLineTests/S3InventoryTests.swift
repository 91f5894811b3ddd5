import Foundation
import Testing

/// Comparisons by reports of S3 Inventory that are disturbed, and what they leave.
extension S3DrillTests {
  private var reports: String { "\(tool.state)/reports/s3-media" }

  private func work() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: reports).filter {
      $0.hasSuffix(".inventories")
    }
  }

  /// Killed while files of the second report are read.
  private func killedComparison(_ mode: [String] = ["drill"]) throws -> String {
    let plan = try inventoryPlan(files: 6)
    try lab("slow", ["path": "-dr/daily/data/.*-2.csv.gz$", "seconds": 3])
    let (process, _, errors) = try tool.start(mode + ["--plan", plan])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("2 of 6 files of mosaic-media-dr")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try lab("slow")
    #expect(try work().count == 1)
    return try #require(try tool.runs().first)
  }

  @Test func aCancelledComparisonLeavesNoFiles() throws {
    let run = try killedComparison()
    #expect(try tool.run("cancel", run).status == 0)
    #expect(try work().isEmpty)
    let resumed = try tool.run("resume", run)
    #expect(resumed.status == 130, "\(resumed.errors)")
  }

  /// What a restore laid down to go on with is removed at its end, however it ends.
  @Test func aRestoreThatIsCancelledWhileItComparesLeavesNoFiles() throws {
    let plan = try inventoryPlan(files: 6)
    try lab("slow", ["path": "-dr/daily/data/.*-2.csv.gz$", "seconds": 3])
    let (process, _, errors) = try tool.start(["restore", "--yes", "--plan", plan])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("2 of 6 files of mosaic-media-dr")
    {}
    #expect(try work().count == 1)
    #expect(try tool.run("cancel", try #require(try tool.runs().first)).status == 0)
    process.waitUntilExit()
    try lab("slow")
    #expect(process.terminationStatus == 130)
    #expect(try work().isEmpty)
  }

  /// Nothing is lost but time: the reports are read again.
  @Test func aCleanupRemovesTheFilesOfAComparisonThatMayGoOn() throws {
    try lab.fallBehind(["late/1"])
    let run = try killedComparison()
    let cleanup = try tool.run("cleanup", run)
    #expect(cleanup.status == 0, "\(cleanup.errors)")
    #expect(try work().isEmpty)
    let resumed = try tool.run("resume", run)
    #expect(resumed.output.contains("208 objects, 207 the same, 1 missing"), "\(resumed.output)")
    #expect(try work().isEmpty)
  }

  @Test func whatAPrunedRunHasLeftGoesWithIt() throws {
    let drill = try tool.run(
      "drill", "--plan",
      try plan(["compare: full": "compare: none", "repair: copy": "repair: none"]))
    #expect(drill.status != 4, "\(drill.errors)")
    let run = try #require(try tool.runs().first)
    for owner in [run, "01ARZ3NDEKTSV4RRFFQ69G5FAV"] {
      try FileManager.default.createDirectory(
        atPath: "\(reports)/.\(owner).media.compare.inventories/source",
        withIntermediateDirectories: true)
    }
    try tool.system(
      "faketime", "-f", "+730d", Tool.program.path, "runs", "prune", "--keep-days", "365",
      "--state", tool.state)
    #expect(try tool.run("runs").output.contains("pruned"))
    #expect(try work() == [".01ARZ3NDEKTSV4RRFFQ69G5FAV.media.compare.inventories"])
  }

  /// Each spreads its own reports.
  @Test func twoComponentsAreComparedByInventoriesAtTheSameTime() throws {
    try lab.fallBehind(["late/1"])
    let text = try String(contentsOfFile: try inventoryPlan(files: 6), encoding: .utf8)
    let start = try #require(text.range(of: "    - name: media")?.lowerBound)
    let end = try #require(text.range(of: "  schedule:")?.lowerBound)
    let other = text[start..<end].replacingOccurrences(of: "name: media", with: "name: pictures")
    let file = tool.folder.appending(path: "two.yaml")
    try (text[..<end] + other + text[end...]).write(to: file, atomically: true, encoding: .utf8)
    let drill = try tool.run("drill", "--plan", file.path)
    let found = drill.output.split(separator: "\n").count {
      $0.contains("208 objects, 207 the same, 1 missing.")
    }
    #expect(found == 2, "\(drill.output)\(drill.errors)")
    #expect(try work().isEmpty)
  }

  /// A file that is refused for the moment is no reason to give reports up that were read already.
  @Test func aBusyBucketOfReportsIsAskedAgain() throws {
    let plan = try inventoryPlan(files: 6)
    _ = try lab("requests")
    try lab(
      "faults",
      ["faults": [["kind": "slow-down", "path": "-dr/daily/data/.*-2.csv.gz$", "count": 1]]])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.output.contains("207 objects, 207 the same."), "\(drill.output)\(drill.errors)")
    let requests = try #require(try lab("requests")["requests"] as? [[String: Any]])
    let read = requests.compactMap { $0["path"] as? String }.filter { $0.hasSuffix(".csv.gz") }
    #expect(read.count == 13, "\(read)")
  }

  @Test func aKeyOfReportsThatThePlanDoesNotStateIsNamed() throws {
    let plan = try inventoryPlan(files: 1)
    let key = "arn:aws:kms:us-west-2:123456789012:key/reports"
    let byDefault: [String: Any] = ["SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key]
    try lab.aws(
      "s3", "us-west-2", "put_bucket_encryption",
      [
        "Bucket": "mosaic-reports-dr",
        "ServerSideEncryptionConfiguration": [
          "Rules": [["ApplyServerSideEncryptionByDefault": byDefault]]
        ],
      ])
    let finding = "mosaic-reports-dr encrypts with KMS key \(key), which the plan does not state"
    #expect(try tool.run("preflight", "--plan", plan).output.contains(finding))
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.output.contains(finding), "\(drill.output)\(drill.errors)")
  }
}
