import Foundation
import Testing

/// Reports, ledger and secrets of whole drills against the lab.
@Suite(.serialized, .enabled(if: Tool.labIsUp, "the lab is not up: run scripts/test"))
struct EvidenceCommandTests {
  let tool: Tool

  init() throws {
    tool = try Tool()
    _ = try tool.lab("faults", "clear")
  }

  private func folder(of result: Tool.Result) throws -> String {
    let line = try #require(result.output.split(separator: "\n").first { $0.hasPrefix("report  ") })
    return String(line.dropFirst(8).dropLast("/report.json.zst".count))
  }

  private var trusted: String { "\(tool.state)/signing.key.pub" }

  @Test func aDrillWhoseStartCannotBeRecordedDoesNotBeginAndARestoreDoes() throws {
    let first = try tool.run("drill", "--plan", try tool.plan(), "--challenge", "spring")
    #expect(first.status == 0, "\(first.errors)")
    #expect(try tool.run("ledger", "verify", "--trust", trusted).status == 0)
    let folder = try folder(of: first)
    #expect(
      try tool.run("verify", folder, "--trust", trusted, "--challenge", "spring", "--max-age", "1d")
        .status == 0)
    #expect(try tool.run("verify", folder, "--trust", trusted, "--challenge", "x").status == 6)
    let lines = URL(filePath: "\(tool.state)/ledger/ledger.jsonl")
    let good = try Data(contentsOf: lines)
    try Data(good.dropLast(40) + Data("\n".utf8)).write(to: lines)
    let drill = try tool.run("drill", "--plan", try tool.plan())
    #expect(drill.status == 7, "\(drill.errors)")
    #expect(drill.errors.contains("its start cannot be recorded"))
    let stopped = try #require(try tool.runs().first)
    #expect(try tool.restores(of: stopped) == 0)
    let restore = try tool.run("restore", "--plan", try tool.plan(), "--yes")
    #expect(restore.status == 0, "\(restore.errors)")
    #expect(restore.errors.contains("The recovery stands"))
    let recovered = try #require(try tool.runs().first)
    #expect(try tool.run("ledger", "verify").status == 6)
    try good.write(to: lines)
    #expect(try tool.run("resume", recovered).status == 0)
    let resumed = try tool.run("resume", stopped)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let audit = try tool.run("ledger", "verify")
    #expect(audit.status == 0, "\(audit.output)")
  }

  @Test func runsAreComparedPredictedAndShownInAPortal() throws {
    let plan = try tool.plan()
    let early = ISO8601DateFormatter().string(from: Date())
    let first = try tool.run("drill", "--plan", plan)
    #expect(first.status == 0, "\(first.errors)")
    // The incident lies before the first drill: the RTO is twice as long, within the objective, and worse.
    let second = try tool.run(
      "drill", "--plan", plan, "--incident-time", early, "--max-regression", "20%")
    #expect(second.status == 3, "\(second.errors)")
    #expect(second.errors.contains("regression: core-db RTO grew by"))
    #expect(second.output.contains("the last drill that passed"))
    #expect(second.errors.contains(" to go"))
    #expect(try tool.run("plan", "--plan", plan).output.contains("Predicted RTO:"))
    let runs = try tool.runs()
    #expect(
      try tool.run("report", runs[0], "--format", "md").output.contains(
        "| regression |  | run | the RTO grew by"))
    let compared = try tool.run("report", "compare", runs[1], runs[0])
    #expect(compared.status == 0 && compared.output.contains("core-db RPO"))
    for (bound, status) in [("20%", Int32(3)), ("10000%", 0)] {
      let gate = try tool.run("report", "compare", runs[1], runs[0], "--max-regression", bound)
      #expect(gate.status == status, "\(bound): \(gate.output)")
    }
    #expect(try tool.run("report", "trend", "--plan", "rds-prod").output.contains(runs[1]))
    let portal = tool.folder.appending(path: "portal").path
    let built = try tool.run("report", "index", portal, "--trust", trusted)
    #expect(built.status == 0, "\(built.errors)")
    let page = try String(contentsOfFile: "\(portal)/index.html", encoding: .utf8)
    #expect(page.contains("\(runs[0])-1.html") && page.contains("2 reports of 1 plans"))
    let report = try folder(of: second)
    let approver = tool.folder.appending(path: "approver.key").path
    #expect(try tool.run("keys", "--key", approver).status == 0)
    #expect(try tool.run("sign", report, "--key", approver).status == 0)
    let keys = tool.folder.appending(path: "keys").path
    let both = try [trusted, "\(approver).pub"].map {
      try String(contentsOfFile: $0, encoding: .utf8)
    }
    try both.joined().write(toFile: keys, atomically: true, encoding: .utf8)
    #expect(try tool.run("verify", report, "--trust", keys, "--threshold", "2").status == 0)
    let rotated = try tool.run("ledger", "rotate", "--new-key", approver)
    #expect(rotated.status == 0, "\(rotated.errors)")
    #expect(try tool.run("ledger", "verify", "--trust", "\(approver).pub").status == 0)
  }

  /// A key of KMS for reports, for the ledger too when it can be, a bucket with Object Lock, a topic.
  @Test(arguments: ["ECC_NIST_P256", "ECC_NIST_EDWARDS25519"])
  func servicesOfAWSSignAnchorAndTell(spec: String) throws {
    let bucket = spec == "ECC_NIST_P256" ? "audit-nist" : "audit-edwards"
    let made = try tool.lab(
      "python", "-c",
      """
      import boto3
      k, s, n, q = (boto3.client(name, region_name="us-west-2") for name in ("kms", "s3", "sns", "sqs"))
      s.create_bucket(Bucket="\(bucket)", ObjectLockEnabledForBucket=True,
                      CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
      topic = n.create_topic(Name="\(bucket)")["TopicArn"]
      print(topic)
      queue = q.create_queue(QueueName="\(bucket)")["QueueUrl"]
      arn = q.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
      n.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
      print(k.create_key(KeySpec="\(spec)", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])
      """
    ).split(separator: "\n").map(String.init)
    try #require(made.count == 2)
    let settings = """
      {"anchors": [{"name": "vault", "s3": {"bucket": "\(bucket)", "prefix": "dr/", "region": "us-west-2",
        "mode": "COMPLIANCE", "retainDays": 30}}], "notify": [{"sns": "\(made[0])"}],
       "prometheus": {"folder": "\(tool.folder.path)"}}
      """
    let file = tool.folder.appending(path: "evidence.json").path
    try settings.write(toFile: file, atomically: true, encoding: .utf8)
    var environment = ["MOSAIC_DR_KEY": "kms:\(made[1])", "MOSAIC_DR_EVIDENCE": file]
    if spec == "ECC_NIST_P256" {
      let ledgerKey = "\(tool.folder.path)/ledger.key"
      #expect(try tool.run("keys", "--key", ledgerKey).status == 0)
      environment["MOSAIC_DR_LEDGER_KEY"] = ledgerKey
    }
    let drill = try tool.run(
      "drill", "--plan", try tool.plan(["rto: 60m": "rto: 3s"]), environment: environment)
    #expect(drill.status == 3, "\(drill.errors)")
    #expect(drill.errors.contains("anchored at vault") && !drill.errors.contains("not told"))
    let told = try tool.lab(
      "python", "-c",
      """
      import boto3, json
      q = boto3.client("sqs", region_name="us-west-2")
      queue = q.get_queue_url(QueueName="\(bucket)")["QueueUrl"]
      for message in q.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]:
          event = json.loads(message["Body"])
          print(event["specversion"], event["type"].removeprefix("life.mosaic.dr.run."))
      """)
    #expect(
      Set(told.split(separator: "\n")) == ["1.0 started", "1.0 objective-at-risk", "1.0 ended"],
      "\(told)")
    let folder = try folder(of: drill)
    try openSSLVerifies(folder, spec)
    let keys = tool.folder.appending(path: "keys").path
    let ledgerKey = environment["MOSAIC_DR_LEDGER_KEY"].map { ["\($0).pub"] } ?? []
    try (["\(folder)/key.pem"] + ledgerKey).map { try String(contentsOfFile: $0, encoding: .utf8) }
      .joined().write(toFile: keys, atomically: true, encoding: .utf8)
    let verified = try tool.run("verify", folder, "--trust", keys)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("of the ledger"))
    let audit = try tool.run("ledger", "verify", environment: environment)
    #expect(
      audit.output.contains("the anchor vault holds the newest checkpoint"), "\(audit.output)")
    let text = try String(
      contentsOf: tool.folder.appending(path: "mosaic_dr_rds-prod.prom"), encoding: .utf8)
    #expect(
      text.contains("mosaic_dr_ledger_anchored_entries{plan=\"rds-prod\",mode=\"drill\"} 3\n"))
    try anchorIsKept(in: bucket)
    try onlyTheSameCheckpointIsTakenForAnchored(in: bucket, environment)
  }

  /// As docs/verification.md does it.
  private func openSSLVerifies(_ folder: String, _ spec: String) throws {
    let verification =
      spec == "ECC_NIST_P256"
      ? "openssl dgst -sha256 -verify key.pem -signature signature signed"
      : "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature"
    let script = """
      set -e
      cd "$0"
      trap 'rm -f payload signature signed' EXIT
      jq -rj .payload report.intoto.json | base64 -d > payload
      jq -rj '.signatures[0].sig' report.intoto.json | base64 -d > signature
      { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(stat -c %s payload)"; cat payload; } > signed
      \(verification) > /dev/null
      printf x >> signed
      ! \(verification) > /dev/null 2>&1
      """
    try tool.system("bash", "-c", script, folder)
  }

  private func anchorIsKept(in bucket: String) throws {
    let kept = try tool.lab(
      "python", "-c",
      """
      import boto3
      s = boto3.client("s3", region_name="us-west-2")
      for version in s.list_object_versions(Bucket="\(bucket)")["Versions"]:
          found = s.get_object(Bucket="\(bucket)", Key=version["Key"], VersionId=version["VersionId"])
          try:
              s.delete_object(Bucket="\(bucket)", Key=version["Key"], VersionId=version["VersionId"])
          except s.exceptions.ClientError as error:
              print(error.response["Error"]["Code"], version["Key"])
          print(found["Body"].read().decode(), end="")
      """)
    #expect(kept.hasPrefix("AccessDenied dr/mosaic-dr/"))
    let checkpoint = try String(contentsOfFile: "\(tool.state)/ledger/checkpoint", encoding: .utf8)
    #expect(kept.contains("/checkpoints/000000000003\n") && kept.hasSuffix(checkpoint), "\(kept)")
  }

  /// The bucket refuses a second object of a name: it is looked at, and another checkpoint is told.
  private func onlyTheSameCheckpointIsTakenForAnchored(
    in bucket: String, _ environment: [String: String]
  ) throws {
    // The answer to what was stored was lost.
    try FileManager.default.removeItem(atPath: "\(tool.state)/ledger/anchors")
    let again = try tool.run("ledger", "anchor", environment: environment)
    #expect(again.status == 0, "\(again.errors)")
    let receipt = try String(
      contentsOfFile: "\(tool.state)/ledger/anchors/vault/000000000003.json", encoding: .utf8)
    #expect(receipt.contains("\"existed\":true"))
    let put = """
      import boto3
      s = boto3.client("s3", region_name="us-west-2")
      key = s.list_objects_v2(Bucket="\(bucket)")["Contents"][0]["Key"]
      s.put_object(Bucket="\(bucket)", Key=key[:-1] + "4", Body=b"another", ChecksumAlgorithm="SHA256")
      print(s.list_object_versions(Bucket="\(bucket)")["Versions"].__len__())
      """
    #expect(try tool.lab("python", "-c", put) == "2\n")
    let new = tool.folder.appending(path: "new.key").path
    let rotated = try tool.run("ledger", "rotate", "--new-key", new, environment: environment)
    #expect(rotated.status == 0, "\(rotated.errors)")
    let refused = try tool.run("ledger", "anchor", environment: environment)
    #expect(refused.status == 1, "\(refused.output)")
    #expect(
      refused.errors.contains(
        "the anchor vault lags: another checkpoint is anchored under this name"),
      "\(refused.errors)")
    let audit = try tool.run("ledger", "verify", environment: environment)
    #expect(!audit.output.contains("the anchor vault holds the newest checkpoint"))
  }
}
