import Foundation
import Testing

/// Whole drills against a real Kubernetes API server.
@Suite(
  .enabled(if: Tool.labIsUp && Tool.clusterIsUp, "no lab with a cluster is up: run scripts/test"))
struct VeleroDrillTests {
  let tool: Tool

  init() throws { tool = try Tool() }

  /// The user "drill" may do nothing but what the plan's own rules grant.
  @Test func aDrillPassesWithTheRightsThatItAsksFor() throws {
    let gate = try #require(ProcessInfo.processInfo.environment["MOSAIC_LAB_KUBERNETES"])
    let port = try #require(gate.split(separator: ":").last)
    let authority = try #require(ProcessInfo.processInfo.environment["PGSSLROOTCERT"])
    let ingress =
      "- ingress: {host: app.mosaic.example, address: 127.0.0.1, port: \(port), path: /healthz, "
      + "rootCertificate: \(authority)}"
    let plan = try tool.clusterPlan(
      "workloads",
      ["context: eks-dr": "context: drill", "- services: {}": "- services: {}\n        \(ingress)"])
    let denied = try tool.run("preflight", "--plan", plan)
    #expect(denied.status == 7)
    #expect(denied.output.contains("may not create namespaces"), "\(denied.output)")
    for mode in ["drill", "preflight"] {
      let rules = try tool.run(
        "permissions", "--plan", plan, "--format", "rbac", "--mode", mode
      ).output
      try grant(rules, to: "drill", as: mode)
    }
    let ready = try tool.run("preflight", "--plan", plan)
    #expect(ready.status == 0, "\(ready.output)")
    #expect(ready.output.contains("its server is v1.18.2"))
    let drill = try tool.run("drill", "--plan", plan)
    #expect(drill.status == 0, "\(drill.errors)")
    for words in [" of 12 items", "let mosaic-drill-"] {
      #expect(drill.errors.contains(words), "\(drill.errors)")
    }
    #expect(drill.output.contains("Verdict  PASS"), "\(drill.output)")
    #expect(drill.output.contains("startTimestamp of backup daily-apps-"))
    #expect(drill.output.contains("Ready of pod"))
    #expect(try tool.clusterIsClean(of: "workloads"))
    let report = try #require(
      drill.output.split(separator: "\n").first { $0.hasPrefix("report  ") }?.dropFirst(8))
    #expect(try tool.run("verify", String(report)).status == 0)
  }

  private func grant(_ rules: String, to user: String, as mode: String) throws {
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(rules.utf8)) as? [String: Any])
    var items = try #require(list["items"] as? [[String: Any]])
    for index in items.indices {
      var metadata = try #require(items[index]["metadata"] as? [String: Any])
      metadata["name"] = "\(metadata["name"] ?? "")-\(mode)"
      items[index]["metadata"] = metadata
      let kind = try #require(items[index]["kind"] as? String)
      items.append([
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "\(kind)Binding",
        "metadata": metadata,
        "roleRef": [
          "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": metadata["name"],
        ],
        "subjects": [["kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"]],
      ])
    }
    let body = try JSONSerialization.data(withJSONObject: ["items": items])
    _ = try tool.lab("kubernetes", "apply", String(decoding: body, as: UTF8.self))
  }

  @Test func aKilledRunIsResumedAndMakesOneRestore() throws {
    let (process, _, errors) = try tool.start([
      "drill", "--plan", try tool.smallClusterPlan("killed"),
    ])
    while process.isRunning,
      !(try String(contentsOf: errors, encoding: .utf8)).contains("InProgress: ")
    {}
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let resumed = try tool.run("resume", try #require(try tool.runs().first))
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try tool.veleroRestores(of: "killed") == 1)
    #expect(try tool.clusterIsClean(of: "killed"))
  }

  /// Throttled, its answer lost, its watch broken off and told that it is too old.
  @Test func aRoughServerIsBornWith() throws {
    let name = "mosaic-dr-rough"
    try tool.fault(
      #"{"kind": "kube-status", "status": 429, "seconds": 1, "method": "POST", "name": "\#(name)", "count": 2}"#
    )
    try tool.fault(
      #"{"kind": "kube-lost", "method": "POST", "path": "/restores", "name": "\#(name)"}"#)
    try tool.fault(#"{"kind": "kube-drop", "path": "restores.*\#(name)"}"#)
    try tool.fault(#"{"kind": "kube-gone", "path": "restores.*\#(name)"}"#)
    let drill = try tool.run("drill", "--plan", try tool.smallClusterPlan("rough"))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(drill.errors.contains("found what an earlier attempt had made"), "\(drill.errors)")
    #expect(try tool.veleroRestores(of: "rough") == 1)
    #expect(try tool.clusterIsClean(of: "rough"))
  }

  /// What Velero wrote down is asked for again: without it nobody knows what is missing.
  @Test func aBusyBucketIsAskedAgain() throws {
    try tool.fault(
      #"{"kind": "bucket-status", "status": 503, "path": "mosaic-dr-busy-", "count": 4}"#)
    let drill = try tool.run("drill", "--plan", try tool.smallClusterPlan("busy"))
    #expect(drill.status == 0, "\(drill.errors)")
    #expect(!drill.errors.contains("could not be read"), "\(drill.errors)")
    #expect(drill.errors.contains("volume(s) came back"), "\(drill.errors)")
    #expect(try tool.clusterIsClean(of: "busy"))
  }

  @Test func aPartialRestoreIsNamedOrAccepted() throws {
    for (component, more) in [
      ("partial", [:]),
      (
        "tolerant", ["schedule: daily-apps": "partialRestore: accept\n        schedule: daily-apps"]
      ),
    ] {
      try tool.fault(#"{"kind": "velero-error", "instance": "\#(component).* settings$"}"#)
      let drill = try tool.run(
        "drill", "--plan", try tool.clusterPlan(component, Tool.plainCluster.merging(more) { $1 }))
      #expect((drill.errors + drill.output).contains("admission webhook denied"), "\(drill.errors)")
      #expect(drill.status == (more.isEmpty ? 4 : 0), "\(drill.errors)")
      #expect(drill.output.contains("PASS_WITH_EXCEPTIONS") == !more.isEmpty)
      #expect(try tool.clusterIsClean(of: component))
    }
  }

  @Test(arguments: [
    (
      "invalid",
      ["schedule: daily-apps": "filter: {resources: [nodes]}\n        schedule: daily-apps"],
      ["Velero refuses the restore", "nodes are non-restorable resources"]
    ),
    (
      "restarted", ["schedule: daily-apps": "restarts: 0\n        schedule: daily-apps"],
      ["restarted in the middle of the restore", "during the server starting"]
    ),
    (
      "elsewhere", ["namespaces: [mosaic, observability]": "namespaces: [elsewhere]"],
      ["the backup does not hold what is to be brought back", "elsewhere"]
    ),
    (
      "broken", ["schedule: daily-apps": "schedule: broken-apps\n        timeouts: {sync: 2s}"],
      ["the storage location broken, which is not available: AccessDenied: not this bucket"]
    ),
    (
      "absent", ["schedule: daily-apps": "backup: nothing\n        timeouts: {sync: 2s}"],
      ["none of the backup nothing is in the cluster"]
    ),
    (
      "denied", ["context: eks-dr": "context: stranger"],
      ["does not permit it", "backupstoragelocations", "mosaic-dr permissions"]
    ),
    (
      "expired", ["context: eks-dr": "context: expired"],
      ["does not accept the credentials", "Log in again"]
    ),
    (
      "unpullable",
      [
        "namespaces: [mosaic, observability]": "namespaces: [unpullable]",
        "- workloads: {expect: [deployment/api, deployment/worker, statefulset/loki]}":
          "- workloads: {failAfter: 1s}",
      ], ["ImagePullBackOff", "nowhere.example/app:1"]
    ),
    (
      "crashing",
      [
        "namespaces: [mosaic, observability]": "namespaces: [crashing]",
        "- workloads: {expect: [deployment/api, deployment/worker, statefulset/loki]}":
          "- workloads: {failAfter: 1s}",
      ], ["CrashLoopBackOff after 7 restarts"]
    ),
    (
      "classless", ["{gp2: gp3}": "{gp2: gold}"],
      ["lacks a StorageClass", "gold"]
    ),
  ])
  func aFailureIsNamedAndNothingIsLeft(
    component: String, replacements: [String: String], words: [String]
  ) throws {
    if component == "restarted" {
      try tool.fault(#"{"kind": "velero-restart", "instance": "mosaic-dr-restarted"}"#)
    }
    let drill = try tool.run(
      "drill", "--plan",
      try tool.clusterPlan(component, Tool.plainCluster.merging(replacements) { $1 }))
    #expect(drill.status == 4, "\(drill.errors)")
    for words in words {
      #expect((drill.errors + drill.output).contains(words), "\(drill.errors)\(drill.output)")
    }
    #expect(try tool.clusterIsClean(of: component))
  }

  @Test func aVolumeThatIsKeptMakesTheDrillFail() throws {
    let drill = try tool.run(
      "drill", "--plan", try tool.smallClusterPlan("keeping", ["{gp2: gp3}": "{gp2: keeping}"]))
    #expect(drill.status == 4, "\(drill.errors)")
    #expect(drill.output.contains("LEFT OVER  namespace mosaic-drill-"), "\(drill.output)")
    #expect(drill.output.contains("retains volumes"))
  }

  @Test func aRestoreStays() throws {
    let plan = try tool.smallClusterPlan(
      "stays", ["storageClasses:": "mapping: {mosaic: mosaic-back}\n        storageClasses:"])
    let restore = try tool.run("restore", "--plan", plan, "--yes")
    #expect(restore.status == 0, "\(restore.errors)")
    #expect(try tool.lab("kubernetes", "namespaces").contains("mosaic-back"))
    // Whatever is there already is not restored again.
    let again = try tool.run("restore", "--plan", plan, "--yes")
    #expect(again.output.contains("claims were there already"), "\(again.output)")
    #expect(again.status == 0, "\(again.errors)")
  }

  /// Workloads get ready one after the other: the RTO ends with the last one, not with the first.
  @Test func theLastWorkloadDecidesTheRTO() throws {
    let late = #"{"kind": "config", "instance": "^mosaic-late/worker-"}"#
    try tool.fault(late)
    defer { _ = try? tool.lab("faults", "clear", late) }
    let plan = try tool.smallClusterPlan(
      "late", ["storageClasses:": "mapping: {mosaic: mosaic-late}\n        storageClasses:"])
    let (restore, output, _) = try tool.start([
      "restore", "--plan", plan, "--yes", "--output", "json",
    ])
    let told = { try String(contentsOf: output, encoding: .utf8) }
    while restore.isRunning, !(try told()).contains("CreateContainerConfigError") {
      usleep(100_000)
    }
    // The others are ready for some seconds.
    try tool.system(
      "kubectl", "--context", "operator", "-n", "mosaic-late", "wait", "--timeout=60s",
      "--for=condition=Available", "deployment/api")
    sleep(3)
    #expect(restore.isRunning)
    #expect(!(try told()).contains(#""name":"verified""#))
    let released = Date()
    _ = try tool.lab("faults", "clear", late)
    restore.waitUntilExit()
    #expect(restore.terminationStatus == 0)

    let lines = try told().split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let moment = { (name: String) throws -> (at: Date, source: String) in
      let bodies = lines.compactMap { $0["body"] as? [String: Any] }
      let body = try #require(bodies.last { $0["name"] as? String == name }, "\(name)")
      let text = try #require(body["at"] as? String).prefix(19) + "Z"
      return (
        try Date(String(text), strategy: .iso8601), try #require(body["source"] as? String)
      )
    }
    let usable = try moment("usable")
    #expect(usable.source.hasPrefix("Ready of pod worker-"), "\(usable.source)")
    // Kubernetes counts whole seconds.
    #expect(usable.at.timeIntervalSince(released) > -1)
    #expect(try moment("verified").at.timeIntervalSince(released) > -1)
    let rto = try #require(lines.last?["rto_ms"] as? Int)
    #expect(
      Double(rto) / 1_000 >= released.timeIntervalSince(try moment("incident").at) - 1, "\(rto)")
  }

  @Test func aCertificateIsEnoughToLogIn() throws {
    let ready = try tool.run(
      "preflight", "--plan",
      try tool.smallClusterPlan("certified", ["context: eks-dr": "context: certified"]))
    #expect(ready.status == 0, "\(ready.output)")
  }
}
