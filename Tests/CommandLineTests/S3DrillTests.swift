import Foundation
import Testing

/// Whole runs against two regions of SeaweedFS with a real asynchronous replication in between.
@Suite(.serialized, .enabled(if: S3Lab.url != nil, "the lab is not up: run scripts/test"))
struct S3DrillTests {
  let tool: Tool
  let lab = S3Lab()

  init() throws {
    tool = try Tool()
    #expect(try lab("reset")["settled"] as? Bool == true)
  }

  /// What is not replicated at once is missing.
  static let impatient = ["maxLag: 15m": "maxLag: 1ms", "canary: true": "canary: false"]

  func plan(_ replacements: [String: String] = [:]) throws -> String {
    try tool.plan(replacements, of: "s3-media")
  }

  @Test func aReplicaThatKeepsUpPassesAndNoCanaryIsLeft() throws {
    let drill = try tool.run("drill", "--plan", try plan())
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("Verdict  PASS"), "\(drill.output)")
    #expect(drill.output.contains("a canary took"))
    // The canary may have been seen on both sides, or in flight.
    #expect(drill.output.contains(/20[78] the same/), "\(drill.output)")
    #expect(try !lab.replicaKeys().contains { $0.contains("canary") })
    #expect(try !lab.keys("mosaic-media", "us-east-1").contains { $0.contains("canary") })
  }

  /// A drill says what is missing and how much that would cost; a restore copies it once somebody agrees.
  @Test func whatIsMissingIsFoundAndCopiedWhenAPersonAgrees() throws {
    let missing = (0..<7).map { "late/\($0) +%.jpg" }
    try lab.fallBehind(missing)
    let plan = try self.plan(Self.impatient)
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 4, "\(drill.errors)")
    #expect(drill.output.contains("7 missing"), "\(drill.output)")
    #expect(drill.output.contains("late/0 +%.jpg"))
    #expect(
      drill.output.contains("the oldest change at mosaic-media that is not at mosaic-media-dr"))
    #expect(try !lab.replicaKeys().contains { $0.hasPrefix("late/") })

    let (process, output, errors) = try tool.start(["restore", "--plan", plan, "--yes"])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("media.agree")
    {}
    let run = try #require(try tool.runs().first)
    #expect(try !lab.replicaKeys().contains { $0.hasPrefix("late/") })
    let approval = try tool.run("approve", run, "media.agree")
    #expect(approval.status == 0, "\(approval.errors)")
    process.waitUntilExit()
    let text = try String(contentsOf: output, encoding: .utf8)
    #expect([0, 3].contains(process.terminationStatus), "\(text)")
    #expect(text.contains("succeeded  media.complete"), "\(text)")
    #expect(try lab.replicaKeys().filter { $0.hasPrefix("late/") } == missing)
  }

  /// What is written is held against the model of the API by botocore.
  @Test func aBatchJobIsWrittenForWhatIsMissing() throws {
    try lab.fallBehind(["batch/ü 1", "batch/2"])
    // What was there before versions were kept has the version null.
    try lab(
      "pretend",
      ["objects": ["mosaic-media/batch/ü 1": ["x-amz-version-id": "3sL4kqtJlcpXroDTDmJ"]]])
    let role = "arn:aws:iam::123456789012:role/batch-replication"
    let plan = try plan(
      Self.impatient.merging(["repair: copy": "repair: batch\n        batchRole: \(role)"]) { $1 })
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    let files = try #require(
      FileManager.default.enumerator(atPath: tool.state)?.compactMap { $0 as? String })
    let manifest = "\(tool.state)/\(try #require(files.first { $0.hasSuffix("repair.csv") }))"
    let lines = try String(contentsOfFile: manifest, encoding: .utf8).split(separator: "\n")
    #expect(
      lines.sorted() == [
        "mosaic-media,batch/%C3%BC%201,3sL4kqtJlcpXroDTDmJ", "mosaic-media,batch/2,null",
      ])
    let request = manifest.replacingOccurrences(of: "repair.csv", with: "repair.json")
    let (put, create) = (
      "aws s3api put-object --region us-east-1 --bucket mosaic-media --key .mosaic-dr-batch/",
      "aws s3control create-job --region us-east-1 --cli-input-json file://\(request)"
    )
    #expect(restore.output.contains(put), "\(restore.output)\(restore.errors)")
    #expect(restore.output.contains(create), "\(restore.output)")
    let check = """
      import hashlib, json, sys, botocore.session, botocore.validate
      model = botocore.session.get_session().get_service_model("s3control").operation_model("CreateJob")
      job = json.load(open(sys.argv[1]))
      problems = botocore.validate.ParamValidator().validate(job, model.input_shape)
      assert not problems.has_errors(), problems.generate_report()
      assert job["RoleArn"] == sys.argv[3], job
      assert job["Manifest"]["Spec"]["Fields"] == ["Bucket", "Key", "VersionId"], job
      assert job["Manifest"]["Location"]["ETag"] == hashlib.md5(open(sys.argv[2], "rb").read()).hexdigest()
      """
    try tool.system("\(Tool.root.path)/scripts/lab", "python", "-c", check, request, manifest, role)
  }

  /// With versions compared, each is named as it was listed, also those that newer ones hide.
  @Test func aBatchJobNamesEveryVersionThatIsMissing() throws {
    let bucket = "mosaic-letters"
    for text in ["one", "two"] {
      try lab.aws("s3", "us-east-1", "put_object", ["Bucket": bucket, "Key": "k/1", "Body": text])
    }
    try lab.aws("s3", "us-east-1", "put_object", ["Bucket": bucket, "Key": "k/2", "Body": "gone"])
    try lab.aws("s3", "us-east-1", "delete_object", ["Bucket": bucket, "Key": "k/2"])
    let plan = try plan(
      Self.impatient.merging([
        "source: mosaic-media": "source: \(bucket)",
        "replica: mosaic-media-dr": "replica: \(bucket)-dr",
        "compare: full": "compare: full\n        versions: true",
        "repair: copy":
          "repair: batch\n        batchRole: arn:aws:iam::123456789012:role/batch-replication",
      ]) { $1 })
    _ = try tool.run("restore", "--plan", plan, "--yes")
    let files = try #require(
      FileManager.default.enumerator(atPath: tool.state)?.compactMap { $0 as? String })
    let manifest = "\(tool.state)/\(try #require(files.first { $0.hasSuffix("repair.csv") }))"
    let lines = try String(contentsOfFile: manifest, encoding: .utf8).split(separator: "\n")
    let listed = try lab.aws("s3", "us-east-1", "list_object_versions", ["Bucket": bucket])
    let expected = try #require(listed["Versions"] as? [[String: Any]]).map {
      "\(bucket),\($0["Key"] ?? ""),\($0["VersionId"] ?? "")"
    }
    #expect(expected.count == 3)
    #expect(lines.map(String.init).sorted() == expected.sorted())
  }

  @Test func aBatchJobNeedsARoleOfItsOwn() throws {
    let plan = try plan(["repair: copy": "repair: batch"])
    let validation = try tool.run("validate", plan)
    #expect(validation.status == 2)
    #expect(validation.errors.contains("repair: batch has no role"), "\(validation.errors)")
  }

  @Test func aFreshBucketIsFilledFromTheReplica() throws {
    let plan = try plan(
      ["repair: copy": "rehydrate: {target: mosaic-media-restored, prefixes: [media/, long/]}"])
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restore.output.contains("201 the same"), "\(restore.output)\(restore.errors)")
    #expect(
      try lab.keys("mosaic-media-restored", "us-west-2")
        == lab.replicaKeys().filter { $0.hasPrefix("media/") || $0.hasPrefix("long/") })
    // Again there is nothing to copy.
    let again = try tool.run("restore", "--plan", plan, "--yes")
    #expect(again.output.contains("201 the same"), "\(again.output)\(again.errors)")
  }

  /// What is brought back is compared, and the bucket is gone at the end, whatever becomes of the run.
  @Test func aDrillBringsObjectsBackIntoABucketOfItsOwn() throws {
    let plan = try plan([
      "repair: copy": "rehydrate: {target: mosaic-media-restored, drill: [media/000, long/]}"
    ])
    let buckets = { try lab("buckets", ["region": "us-west-2"])["buckets"] as? [String] }
    let before = try buckets()
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains(": 11 objects, 11 the same."), "\(drill.output)")
    #expect(drill.output.contains("succeeded  media.scratch-cleanup"), "\(drill.output)")
    let undeclared = try tool.undeclared("--plan", plan)
    #expect(undeclared == [])
    #expect(try buckets() == before)
    #expect(try lab.keys("mosaic-media-restored", "us-west-2").isEmpty)

    // Killed while the copies are made.
    try lab("slow", ["path": "-drill-.*/media/0003", "seconds": 2])
    let (process, _, errors) = try tool.start(["drill", "--plan", plan])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("media.rehydrate")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try lab("slow")
    let resumed = try tool.run("resume", try #require(try tool.runs().first))
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(resumed.output.contains(": 11 objects, 11 the same."), "\(resumed.output)")
    #expect(try buckets() == before)
  }

  /// Nobody has to know the run: the tags of the bucket tell.
  @Test func aBucketThatADeadDrillLeftIsFoundByItsTagsAndDeletedWithWhatIsInIt() throws {
    let plan = try plan([
      "repair: copy": "rehydrate: {target: mosaic-media-restored, drill: [media/000, long/]}"
    ])
    let buckets = { try lab("buckets", ["region": "us-west-2"])["buckets"] as? [String] }
    let before = try buckets()
    try lab("slow", ["path": "-drill-.*/media/0003", "seconds": 2])
    let (process, _, errors) = try tool.start(["drill", "--plan", plan])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("media.rehydrate")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try lab("slow")
    let left = try #require(try buckets()?.first { $0.contains("-drill-") })
    let (search, output, complaints) = try tool.start(
      ["cleanup", "--orphans", "--region", "us-west-2", "--unexpired", "--yes"],
      state: tool.folder.appending(path: "other").path)
    search.waitUntilExit()
    let text = try String(contentsOf: output, encoding: .utf8)
    let explained = try String(contentsOf: complaints, encoding: .utf8)
    #expect(search.terminationStatus == 0, "\(text)\(explained)")
    #expect(text.contains("ORPHAN  bucket \(left)"), "\(text)")
    #expect(text.contains("removed bucket \(left)"), "\(text)")
    #expect(try buckets() == before)
  }

  /// Somebody has switched versioning on, as a rule of the account may do: a deletion without a version
  /// would only put a marker on top.
  @Test func aBucketWhoseVersionsAreKeptIsDeletedWithAllOfThem() throws {
    let (bucket, west) = ("mosaic-letters-drill-orphan", "us-west-2")
    let other = "mosaic-letters-other"
    for name in [bucket, other] {
      try lab.aws(
        "s3", west, "create_bucket",
        ["Bucket": name, "CreateBucketConfiguration": ["LocationConstraint": west]])
      try lab.aws("s3", west, "put_object", ["Bucket": name, "Key": "before", "Body": "0"])
      try lab.aws(
        "s3", west, "put_bucket_versioning",
        ["Bucket": name, "VersioningConfiguration": ["Status": "Enabled"]])
      for text in ["1", "2"] {
        for key in ["before", "k +%/1", "gone"] {
          try lab.aws("s3", west, "put_object", ["Bucket": name, "Key": key, "Body": text])
        }
      }
      try lab.aws("s3", west, "delete_object", ["Bucket": name, "Key": "gone"])
    }
    let tags = [
      "mosaic-dr:run": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "mosaic-dr:mode": "drill",
      "mosaic-dr:step": "media.scratch",
    ].map { ["Key": $0, "Value": $1] }
    try lab.aws(
      "s3", west, "put_bucket_tagging", ["Bucket": bucket, "Tagging": ["TagSet": tags]])
    let search = try tool.run(
      "cleanup", "--orphans", "--region", west, "--unexpired", "--yes")
    #expect(search.status == 0, "\(search.output)\(search.errors)")
    #expect(search.output.contains("removed bucket \(bucket)"), "\(search.output)")
    let names = try #require(
      try lab.aws("s3", west, "list_buckets", [:])["Buckets"] as? [[String: Any]]
    ).compactMap { $0["Name"] as? String }
    #expect(!names.contains(bucket))
    let kept = try lab.aws("s3", west, "list_object_versions", ["Bucket": other])
    #expect((kept["Versions"] as? [Any])?.count == 7, "\(kept)")
  }

  @Test func aSampleSaysWhatItProves() throws {
    let plan = try plan([
      "compare: full": "compare: {sample: 100}", "repair: copy": "repair: none",
    ])
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("with 95 % certainty at most 3 % of all are"), "\(drill.output)")
  }
}
