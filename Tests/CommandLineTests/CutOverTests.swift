import Foundation
import Testing

/// Cut-over, its undo, and the isolation of drills.
extension WaysBackTests {
  private var resolver: String {
    ProcessInfo.processInfo.environment["MOSAIC_LAB_RESOLVER"] ?? ""
  }

  /// The restore of a snapshot that ends with these cut-over steps.
  private func plan(cuttingOver steps: String...) throws -> String {
    let heartbeat =
      "        - heartbeat: {name: heartbeat, table: dr_heartbeat, column: written_at}\n"
    let list = steps.map { "        - \($0)\n" }.joined()
    return try tool.plan([heartbeat: heartbeat + "      cutover:\n" + list], of: "rds-snapshot")
  }

  private func record(_ resolver: String, timeout: String = "30s") -> String {
    "dns: {name: dns, zone: mosaic.internal, record: core-db.mosaic.internal, type: A, "
      + "resolver: \"\(resolver)\", timeout: \(timeout)}"
  }

  private func secret(field: String = "host") -> String {
    "secret: {name: secret, id: prod/core-db, field: \(field), portField: port}"
  }

  /// What the lab's Secrets Manager and Route 53 have now.
  private func current() throws -> String {
    let script = """
      import boto3, json
      secret = boto3.client("secretsmanager", "us-west-2").get_secret_value(SecretId="prod/core-db")
      dns = boto3.client("route53", "us-east-1")
      zone = dns.list_hosted_zones()["HostedZones"][0]["Id"]
      sets = dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
      held = [s for s in sets if s["Name"].startswith("core-db")]
      print(json.loads(secret["SecretString"])["host"], held[0]["ResourceRecords"][0]["Value"])
      """
    return try tool.lab("python", "-c", script).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func aCutOverThatFailsIsTakenBackInReverseAndOneThatSucceedsStays() throws {
    #expect(try current() == "192.0.2.10 192.0.2.10")
    // Nobody answers there, so that the record cannot be seen to lead anywhere.
    let failing = try plan(cuttingOver: secret(), record("127.0.0.1:9", timeout: "1s"))
    let failed = try tool.run("restore", "--plan", failing, "--yes")
    #expect(failed.status == 4, "\(failed.errors)")
    #expect(failed.output.contains("succeeded  core-db.undo-dns"), "\(failed.output)")
    #expect(failed.output.contains("succeeded  core-db.undo-secret"), "\(failed.output)")
    #expect(
      failed.output.contains("could not be checked by resolving: the resolver does not answer"),
      "\(failed.output)")
    #expect(try current() == "192.0.2.10 192.0.2.10")

    let succeeding = try plan(cuttingOver: record(resolver), secret())
    let done = try tool.run(
      "restore", "--plan", succeeding, "--yes",
      environment: try tool.credentials(for: succeeding, mode: "restore"))
    #expect(done.status == 0, "\(done.errors)")
    #expect(try current() == "127.0.0.1 127.0.0.1")
    for words in [
      "300 s for which the old record may be kept", "by hand: aws route53",
      "keeps its old version", "aws secretsmanager update-secret-version-stage",
    ] {
      #expect(done.output.contains(words), "\(words) in \(done.output)")
    }
    // The old record's time to live is part of the RTO.
    #expect(done.output.contains("RTO      5 m"), "\(done.output)")
    // What is undone later is led back, told with who did it, and not undone twice.
    let run = try #require(try tool.runs().first)
    #expect(try tool.run("undo", run).status == 2)
    // The way back, too, is in force only when every server has it.
    _ = try tool.lab("faults", "add", #"{"kind": "pending", "count": 2}"#)
    let asked = { try tool.lab("log", "--count", "GetChange").trimmingCharacters(in: .newlines) }
    let before = try #require(Int(try asked()))
    let undone = try tool.run("undo", run, "--yes")
    #expect(undone.status == 0, "\(undone.errors)")
    #expect(try Int(asked()) == before + 3)
    #expect(try current() == "192.0.2.10 192.0.2.10")
    #expect(undone.output.contains("The cut-over was undone by"), "\(undone.output)")
    let again = try tool.run("undo", run, "--yes")
    #expect(again.status != 0 && again.errors.contains("there is nothing to undo"))
    let password = try #require(ProcessInfo.processInfo.environment["MOSAIC_DR_DB_PASSWORD"])
    let all = try tool.run("report", run, "--format", "json").output
    #expect(!all.contains("mosaic_app") && !all.contains(password))
  }

  @Test func aChangeThatNoServerTakesUpIsTakenBack() throws {
    _ = try tool.lab("faults", "add", #"{"kind": "pending", "count": -1}"#)
    let (process, output, errors) = try tool.start([
      "restore", "--plan", try plan(cuttingOver: record(resolver, timeout: "2s")), "--yes",
    ])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains(
        "leading back, the change is pending")
    {}
    _ = try tool.lab("faults", "clear")
    process.waitUntilExit()
    let complaints = try String(contentsOf: errors, encoding: .utf8)
    #expect(process.terminationStatus == 4)
    #expect(complaints.contains("it still waits for: the change is pending"), "\(complaints)")
    let told = try String(contentsOf: output, encoding: .utf8)
    #expect(told.contains("succeeded  core-db.undo-dns"), "\(told)")
    #expect(try current() == "192.0.2.10 192.0.2.10")
  }

  /// As Route 53's health checks would change it; and beside a rotation of the secret that died.
  @Test func aRecordThatWasMadeBeforehandIsWaitedForAndNeverEdited() throws {
    let preMade =
      "dns: {name: dns, preMade: true, record: core-db.mosaic.internal, type: A, "
      + "resolver: \"\(resolver)\"}"
    let plan = try plan(cuttingOver: secret(), preMade)
    let policy = try tool.policy(plan, mode: "restore")
    #expect(!policy.actions.contains { $0.hasPrefix("route53:") })
    let pending = """
      import boto3
      secrets = boto3.client("secretsmanager", "us-west-2")
      secrets.put_secret_value(SecretId="prod/core-db", SecretString='{"host": "?"}',
                               VersionStages=["AWSPENDING"], ClientRequestToken="0" * 32)
      """
    _ = try tool.lab("python", "-c", pending)
    let (process, output, errors) = try tool.start(
      ["restore", "--plan", plan, "--yes"], environment: try tool.user(policy).variables)
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("leads to 192.0.2.10")
    {}
    try setRecord("127.0.0.1")
    process.waitUntilExit()
    let told = try String(contentsOf: output, encoding: .utf8)
    #expect(process.terminationStatus == 0, "\(told)")
    #expect(try current() == "127.0.0.1 127.0.0.1")
    let stages = """
      import boto3
      secret = boto3.client("secretsmanager", "us-west-2").describe_secret(SecretId="prod/core-db")
      print(secret["VersionIdsToStages"]["0" * 32])
      """
    #expect(try tool.lab("python", "-c", stages).contains("AWSPENDING"))
    try setRecord("192.0.2.10")
    #expect(try tool.run("undo", try #require(try tool.runs().first), "--yes").status == 0)
    #expect(try current() == "192.0.2.10 192.0.2.10")
  }

  private func setRecord(_ address: String) throws {
    let script = """
      import boto3
      dns = boto3.client("route53", "us-east-1")
      dns.change_resource_record_sets(
          HostedZoneId=dns.list_hosted_zones()["HostedZones"][0]["Id"], ChangeBatch={"Changes": [{
              "Action": "UPSERT", "ResourceRecordSet": {
                  "Name": "core-db.mosaic.internal", "Type": "A", "TTL": 300,
                  "ResourceRecords": [{"Value": "\(address)"}]}}]})
      """
    _ = try tool.lab("python", "-c", script)
  }

  @Test func aDrillCutsNobodyOver() throws {
    let steps = try tool.run(
      "plan", "--plan", try plan(cuttingOver: record(resolver), secret())
    ).output
    #expect(!steps.contains("core-db.dns") && !steps.contains("core-db.secret"))
  }

  @Test(arguments: [
    (
      ["access:": "production: {securityGroups: [sg-0d4d4d4d4d4d4d4d4]}\n        access:"],
      "sg-0d4d"
    ),
    (
      [
        "recovery: us-west-2": "recovery: us-east-1",
        "subnetGroup: dr-private":
          "subnetGroup: prod-private", "latestSnapshot": "{snapshot: mosaic-prod-core-manual}",
      ], "subnet group prod-private"
    ),
  ])
  func aDrillKeepsOutOfProductionsNetwork(replacements: [String: String], words: String) throws {
    let refused = try tool.run(
      "drill", "--plan", try tool.plan(replacements, of: "rds-snapshot"))
    #expect(refused.status == 4)
    #expect(refused.errors.contains("a drill would run in production's network"))
    #expect(refused.output.contains(words), "\(refused.output)")
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }

  @Test func aDrillMayShareProductionsNetworkWhenThePlanSaysWhy() throws {
    let plan = try tool.plan(
      [
        "access:": "production: {subnetGroups: [DR-private]}\n        access:",
        "multiAZ: true": "sharesProduction: the account has no other",
        "class: db.r6g.large": "class: db.m6g.large",
      ], of: "rds-snapshot")
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.output.contains("the plan says: the account has no other"))
    // What the source has and the copy lacks is told.
    #expect(drill.output.contains("differs from the instance that is lost"), "\(drill.output)")
    #expect(drill.output.contains("class is db.m6g.large, not db.r6g.large"), "\(drill.output)")
  }

  @Test func whatADeadDrillLeftBehindIsFoundByItsTags() throws {
    let (process, _, errors) = try tool.start(
      ["drill", "--plan", try tool.plan(of: "rds-snapshot-copy")])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("core-db.restore    ")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let search = ["cleanup", "--orphans", "--region", "us-west-2"]
    let run = try #require(try tool.runs().first)
    // Whoever has the run can go on with it.
    let here = try tool.run(search[0], search[1], search[2], search[3], "--yes")
    #expect(here.status == 0)
    #expect(here.output.contains("mosaic-dr resume \(run)"), "\(here.output)")
    // Elsewhere it may be at work still.
    let elsewhere = tool.folder.appending(path: "other").path
    let (kept, keptOutput, _) = try tool.start(search + ["--yes"], state: elsewhere)
    kept.waitUntilExit()
    #expect(
      try String(contentsOf: keptOutput, encoding: .utf8).contains("nothing is to be removed"))
    let (unasked, _, unaskedErrors) = try tool.start(search + ["--unexpired"], state: elsewhere)
    unasked.waitUntilExit()
    #expect(unasked.terminationStatus == 2)
    #expect(try String(contentsOf: unaskedErrors, encoding: .utf8).contains("--yes"))
    let (taken, takenOutput, takenErrors) = try tool.start(
      search + ["--unexpired", "--yes"], state: elsewhere)
    taken.waitUntilExit()
    let complaints = try String(contentsOf: takenErrors, encoding: .utf8)
    #expect(taken.terminationStatus == 0, "\(complaints)")
    let text = try String(contentsOf: takenOutput, encoding: .utf8)
    #expect(text.contains("removed snapshot mosaic-prod-core-drill-"), "\(text)")
    #expect(!(try tool.lab("servers").contains("-drill-")))
  }
}
