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

  /// Everything that a run writes or says, as it stands and decompressed.
  private func everything(_ said: [Tool.Result]) throws -> Data {
    var all = Data(said.map { $0.output + $0.errors }.joined().utf8)
    let files = FileManager.default.enumerator(at: tool.folder, includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) {
      if let data = try? Data(contentsOf: file) { all += data }
    }
    return all
  }

  /// Secrets stand everywhere that a person could put them; one of the notices cannot be sent.
  @Test func noSecretComesOutAnywhere() throws {
    let environment = ProcessInfo.processInfo.environment
    var canaries = [
      "MOSAIC_DR_PASSPHRASE": "canary-phrase-4711", "HOOK_TOKEN": "canary/token+4712",
      "HOOK_KEY": "canary key=4713",
    ]
    let settings = """
      {"notify": [{"webhook": {"url": "http://127.0.0.1:9/x", "bearerEnv": "HOOK_TOKEN", "hmacEnv": "HOOK_KEY"}}]}
      """
    let file = tool.folder.appending(path: "evidence.json").path
    try settings.write(toFile: file, atomically: true, encoding: .utf8)
    let drill = try tool.run(
      "drill", "--plan", try tool.plan(), "--evidence", file, environment: canaries)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.errors.contains("was not told"))
    let run = try #require(try tool.runs().first)
    let said =
      try [drill]
      + ["text", "json", "html", "md", "csv", "junit", "oscal"].map {
        try tool.run("report", run, "--format", $0)
      } + [try tool.run("show", run), try tool.run("ledger")]
    #expect(said.allSatisfy { $0.status == 0 })
    let all = try everything(said)
    #expect(all.range(of: Data(run.utf8)) != nil)
    for name in ["MOSAIC_DR_DB_PASSWORD", "AWS_SECRET_ACCESS_KEY"] {
      let secret = try #require(environment[name])
      canaries[name] = secret
    }
    for (name, secret) in canaries {
      let data = Data(secret.utf8)
      let forms = [
        secret, data.base64EncodedString(),
        data.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined(),
        secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret,
      ]
      for form in forms { #expect(all.range(of: Data(form.utf8)) == nil, "\(name) as \(form)") }
    }
  }

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
    #expect(second.errors.contains("to go ("))
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

  /// A P-256 key of KMS for reports, a key file for the ledger, a bucket with Object Lock, a topic.
  @Test func servicesOfAWSSignAnchorAndTell() throws {
    let made = try tool.lab(
      "python", "-c",
      """
      import boto3
      k, s, n, q = (boto3.client(name, region_name="us-west-2") for name in ("kms", "s3", "sns", "sqs"))
      s.create_bucket(Bucket="audit", ObjectLockEnabledForBucket=True,
                      CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
      topic = n.create_topic(Name="recovery")["TopicArn"]
      print(topic)
      queue = q.create_queue(QueueName="recovery")["QueueUrl"]
      arn = q.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
      n.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
      print(k.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"])
      """
    ).split(separator: "\n").map(String.init)
    try #require(made.count == 2)
    let settings = """
      {"anchors": [{"name": "vault", "s3": {"bucket": "audit", "prefix": "dr/", "region": "us-west-2",
        "mode": "COMPLIANCE", "retainDays": 30}}], "notify": [{"sns": "\(made[0])"}],
       "prometheus": {"folder": "\(tool.folder.path)"}}
      """
    let file = tool.folder.appending(path: "evidence.json").path
    try settings.write(toFile: file, atomically: true, encoding: .utf8)
    let environment = [
      "MOSAIC_DR_LEDGER_KEY": "\(tool.folder.path)/ledger.key", "MOSAIC_DR_EVIDENCE": file,
    ]
    let drill = try tool.run(
      "drill", "--plan", try tool.plan(["rto: 60m": "rto: 3s"]), "--key", "kms:\(made[1])",
      environment: environment)
    #expect(drill.status == 3, "\(drill.errors)")
    #expect(drill.errors.contains("anchored at vault") && !drill.errors.contains("not told"))
    let told = try tool.lab(
      "python", "-c",
      """
      import boto3, json
      q = boto3.client("sqs", region_name="us-west-2")
      queue = q.get_queue_url(QueueName="recovery")["QueueUrl"]
      for message in q.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]:
          event = json.loads(message["Body"])
          print(event["specversion"], event["type"].removeprefix("life.mosaic.dr.run."))
      """)
    #expect(
      Set(told.split(separator: "\n")) == ["1.0 started", "1.0 objective-at-risk", "1.0 ended"],
      "\(told)")
    let keys = tool.folder.appending(path: "keys").path
    let folder = try folder(of: drill)
    let both = try ["\(folder)/key.pem", "\(tool.folder.path)/ledger.key.pub"].map {
      try String(contentsOfFile: $0, encoding: .utf8)
    }
    try both.joined().write(toFile: keys, atomically: true, encoding: .utf8)
    let verified = try tool.run("verify", folder, "--trust", keys)
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(verified.output.contains("of the ledger"))
    let audit = try tool.run("ledger", "verify", environment: environment)
    #expect(
      audit.output.contains("the anchor vault holds the newest checkpoint"), "\(audit.output)")
    let kept = try tool.lab(
      "python", "-c",
      """
      import boto3
      s = boto3.client("s3", region_name="us-west-2")
      for version in s.list_object_versions(Bucket="audit")["Versions"]:
          found = s.get_object(Bucket="audit", Key=version["Key"], VersionId=version["VersionId"])
          try:
              s.delete_object(Bucket="audit", Key=version["Key"], VersionId=version["VersionId"])
          except s.exceptions.ClientError as error:
              print(error.response["Error"]["Code"], version["Key"])
          print(found["Body"].read().decode(), end="")
      """)
    #expect(kept.hasPrefix("AccessDenied dr/mosaic-dr/"))
    let checkpoint = try String(contentsOfFile: "\(tool.state)/ledger/checkpoint", encoding: .utf8)
    #expect(kept.contains("/checkpoints/000000000003\n") && kept.hasSuffix(checkpoint), "\(kept)")
    let text = try String(
      contentsOf: tool.folder.appending(path: "mosaic_dr_rds-prod.prom"), encoding: .utf8)
    #expect(
      text.contains("mosaic_dr_ledger_anchored_entries{plan=\"rds-prod\",mode=\"drill\"} 3\n"))
  }
}
