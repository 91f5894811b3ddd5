import Foundation
import Testing

/// The reports in docs/samples as an auditor gets them, and what somebody might do to them first.
@Suite struct SampleTests {
  private let tool: Tool
  private let copy: URL
  /// Met, killed and resumed, missed, failed.
  private let reports: [URL]

  init() throws {
    tool = try Tool()
    copy = tool.folder.appending(path: "copy")
    try FileManager.default.copyItem(at: Tool.root.appending(path: "docs/samples"), to: copy)
    reports = try FileManager.default.contentsOfDirectory(
      at: copy.appending(path: "reports/rds-prod"), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
    try #require(reports.count == 4)
  }

  private var trusted: String { copy.appending(path: "trusted.pub").path }

  private func verify(_ report: URL, _ demands: [String] = []) throws -> Tool.Result {
    try result(["verify", report.path, "--trust", trusted] + demands)
  }

  private func audit(_ demands: [String] = []) throws -> Tool.Result {
    try result(["ledger", "verify", "--trust", trusted] + demands, state: copy.path)
  }

  private func result(_ words: [String], state: String? = nil) throws -> Tool.Result {
    let (process, output, errors) = try tool.start(words, state: state)
    process.waitUntilExit()
    return Tool.Result(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }

  /// Changes a file, expects a refusal with its reason, and puts the file back.
  private func refused(
    _ file: URL, because reason: String, _ check: () throws -> Tool.Result,
    _ change: (Data) throws -> Data?
  ) throws {
    let good = try Data(contentsOf: file)
    defer { try? good.write(to: file) }
    if let bad = try change(good) {
      try bad.write(to: file)
    } else {
      try FileManager.default.removeItem(at: file)
    }
    let result = try check()
    #expect(result.status == 6, "\(file.lastPathComponent): \(result.output)")
    #expect((result.output + result.errors).contains(reason), "\(result.output)\(result.errors)")
  }

  @Test func theyVerify() throws {
    for report in reports {
      let result = try verify(report)
      #expect(result.status == 0, "\(result.errors)")
      #expect(!result.output.contains("note  "), "\(result.output)")
    }
    let audit = try audit()
    #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
    #expect(audit.output.contains("4 reports on the disk are named"))
    #expect(audit.output.contains("there is no journal here"))
    let page = reports[2].appending(path: "report.html")
    #expect(try String(contentsOf: page, encoding: .utf8).contains("the RTO objective is missed"))
    let resumed = copy.appending(path: "forms/resumed.md")
    #expect(try String(contentsOf: resumed, encoding: .utf8).contains("interrupted"))
  }

  @Test func aForgedReportIsRefusedWithItsReason() throws {
    let report = reports[0]
    let file = { (name: String) in report.appending(path: name) }
    let forge = { (name: String, reason: String, change: (Data) throws -> Data?) in
      try refused(file(name), because: reason, { try verify(report) }, change)
    }
    let bomb = Tool.root.appending(path: "Tests/EvidenceTests/Vectors/bomb-window31.zst")
    let changed = "its bytes are not those that were signed"
    try forge("report.json.zst", changed) { $0.dropLast(7) }
    try forge("report.json.zst", changed) { $0 + $0 }
    try forge("report.json.zst", changed) { _ in try Data(contentsOf: bomb) }
    try forge("report.json.zst", "cannot be read") { _ in nil }
    try forge("report.html", "report.html is not the one") { $0 + Data(" ".utf8) }
    try forge("oscal.json", "oscal.json is not the one") { $0.dropLast() }
    try forge("report.intoto.json", "which holds the signature, is missing") { _ in nil }
    let envelope = { (name: String, value: Any) in
      { (good: Data) throws -> Data? in
        var json = try #require(try JSONSerialization.jsonObject(with: good) as? [String: Any])
        json[name] = value
        return try JSONSerialization.data(withJSONObject: json)
      }
    }
    try forge(
      "report.intoto.json", "no DSSE envelope with a signature", envelope("signatures", [Any]()))
    let others = try Data(contentsOf: reports[3].appending(path: "report.intoto.json"))
    let other = try #require(try JSONSerialization.jsonObject(with: others) as? [String: Any])
    try forge(
      "report.intoto.json", "no trusted key has signed it",
      envelope("payload", try #require(other["payload"])))
    // A whole envelope of another run, truly signed.
    try forge("report.intoto.json", changed) { _ in others }
    try forge("ledger.tlog-proof", "the ledger's entry is about another report") { _ in
      try Data(contentsOf: reports[3].appending(path: "ledger.tlog-proof"))
    }
    try forge("ledger.tlog-proof", "which proves its place in the ledger, is missing") { _ in nil }
    #expect(try verify(report).status == 0)
  }

  @Test func aFlippedBitAnywhereIsRefused() throws {
    let report = reports[1]
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = seed
    for name in ["report.json.zst", "report.html", "oscal.json"] {
      for _ in 0..<2 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = random >> 16
        try refused(
          report.appending(path: name), because: "signed", { try verify(report) }
        ) { good in
          var bad = good
          bad[Int(place % UInt64(good.count))] ^= 1 << UInt8(place % 8)
          return bad
        }
      }
    }
    #expect(try verify(report).status == 0, "seed \(seed)")
  }

  @Test func anOldReportDoesNotPassForANewRun() throws {
    let run = try #require(reports[3].lastPathComponent.split(separator: "-").last)
    for (demands, reason) in [
      (["--run", String(run)], "it is about run"), (["--challenge", "autumn"], "the challenge"),
      (["--max-age", "1s"], "old"), (["--plan", "other"], "its plan is rds-prod"),
      (["--threshold", "2"], "and 2 must have"),
    ] {
      let result = try verify(reports[0], demands)
      #expect(result.status == 6, "\(demands)")
      #expect(result.errors.contains(reason), "\(result.errors)")
    }
  }

  @Test func aLedgerThatWasTamperedWithIsRefused() throws {
    let lines = copy.appending(path: "ledger/ledger.jsonl")
    let checkpoint = copy.appending(path: "ledger/checkpoint")
    let rows = { (data: Data) in data.split(separator: 0x0A) }
    let joined = { (rows: [Data]) in Data(rows.joined(separator: [0x0A]) + [0x0A]) }
    let forge = { (reason: String, change: (Data) throws -> Data?) in
      try refused(lines, because: reason, { try audit() }, change)
    }
    try forge("line 3 is no entry, or stands in the wrong place") { good in
      var all = rows(good)
      all.remove(at: 2)
      return joined(all)
    }
    try forge("it has 8 lines, and its checkpoint was signed over 9") {
      joined(rows($0).dropLast())
    }
    try forge("its first 9 lines are not those that were signed") { good in
      let text = String(decoding: good, as: UTF8.self)
      return Data(text.replacing("\"verdict\":\"fail\"", with: "\"verdict\":\"pass\"").utf8)
    }
    try forge("it has 8 lines") { $0.dropLast(30) }
    try refused(checkpoint, because: "its checkpoint is missing", { try audit() }) { _ in nil }
    // A line that a crash has cut off is no forgery.
    let good = try Data(contentsOf: lines)
    try (good + Data(#"{"at":"20"#.utf8)).write(to: lines)
    let torn = try audit()
    #expect(
      torn.status == 0 && torn.output.contains("was not written to its end"), "\(torn.output)")
    try good.write(to: lines)
    #expect(try audit().status == 0)
  }

  /// The ledger as it was before the failed drill, with the checkpoint of that time.
  @Test func anOldCheckpointPutBackShows() throws {
    let kept = copy.appending(path: "kept").path
    let checkpoint = copy.appending(path: "ledger/checkpoint")
    try FileManager.default.copyItem(atPath: checkpoint.path, toPath: kept)
    #expect(try audit(["--checkpoint", kept]).status == 0)
    // The proof of an earlier report holds the checkpoint of its time.
    let proof = try String(
      contentsOf: reports[2].appending(path: "ledger.tlog-proof"), encoding: .utf8)
    let old = try #require(proof.components(separatedBy: "\n\n").dropFirst().first)
    let signature = try #require(proof.components(separatedBy: "\n\n").last)
    try "\(old)\n\n\(signature)".write(to: checkpoint, atomically: true, encoding: .utf8)
    let lines = copy.appending(path: "ledger/ledger.jsonl")
    let all = try Data(contentsOf: lines).split(separator: 0x0A)
    try Data(all.prefix(7).joined(separator: [0x0A]) + [0x0A]).write(to: lines)
    let audited = try audit()
    #expect(audited.status == 6)
    #expect(audited.output.contains("no entry names the report \(reports[3].path)"))
    let against = try audit(["--checkpoint", kept])
    #expect(against.status == 6)
    #expect(against.errors.contains("it has 7 lines, and its checkpoint was signed over 9"))
    let proven = try result(["ledger", "prove", "--checkpoint", kept], state: copy.path)
    #expect(proven.status == 6 && proven.output.isEmpty)
    try "nonsense".write(toFile: kept, atomically: true, encoding: .utf8)
    #expect(try audit(["--checkpoint", kept]).errors.contains("that was kept is malformed"))
  }

  @Test func reportsThatCannotBeReadAreNotTakenForAbsent() throws {
    let plan = copy.appending(path: "reports/loop").path
    try FileManager.default.createSymbolicLink(atPath: plan, withDestinationPath: plan)
    let audited = try audit()
    #expect(audited.status != 0)
    #expect(audited.errors.contains("cannot list a file"), "\(audited.errors)")
  }
}
