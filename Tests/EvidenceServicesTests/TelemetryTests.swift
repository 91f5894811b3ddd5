import Evidence
import Foundation
import HTTPClient
import Measurement
import Platform
import StrictJSON
import Testing

@testable import EvidenceServices

/// Runs as other people's programs read them.
extension ServiceTests {
  /// The collector accepts what OpenTelemetry's own schema accepts.
  @Test func aTraceHasASpanForEachStepThatRan() async throws {
    let reports = try SampleReports.all()
    #expect(reports.map(\.figures.verdict) == [.pass, .pass, .fail, .fail])
    for report in reports {
      let before = try requests("v1/traces").count
      #expect(try await TraceExporter(webhook("v1/traces")).export(report) == 0)
      let sent = try requests("v1/traces").dropFirst(before)
      #expect(sent.allSatisfy { $0.headers["content-type"] == "application/json" })
      let spans = try sent.flatMap { request in
        let resource = try JSONValue(parsing: request.body)["resourceSpans"]?.arrayValue?.first
        return resource?["scopeSpans"]?.arrayValue?.first?["spans"]?.arrayValue ?? []
      }
      let root = try #require(spans.first)
      #expect(root["parentSpanId"] == nil)
      #expect(root["status"]?["code"] == (report.figures.verdict == .pass ? 1 : 2))
      let ran = report.account.steps.filter { $0.began != nil }
      #expect(spans.dropFirst().map { $0["name"]?.stringValue } == ran.map(\.id))
      let identifiers = Dictionary(
        uniqueKeysWithValues: zip(ran.map(\.id), spans.dropFirst().map { $0["spanId"] }))
      #expect(Set(spans.map { $0["traceId"]?.stringValue }).count == 1)
      #expect(Set(spans.map { $0["spanId"]?.stringValue }).count == spans.count)
      for (span, step) in zip(spans.dropFirst(), ran) {
        #expect(span["parentSpanId"] == root["spanId"])
        #expect(span["startTimeUnixNano"]?.stringValue == step.began.map { "\($0.nanoseconds)" })
        #expect(
          span["endTimeUnixNano"]?.stringValue
            == "\((step.ended ?? report.account.ended).nanoseconds)")
        #expect(span["status"]?["code"] == (step.status == "succeeded" ? 1 : 2))
        let links = (span["links"]?.arrayValue ?? []).map { $0["spanId"] }
        #expect(links == step.dependsOn.compactMap { identifiers[$0] })
      }
    }
  }

  /// What the schema does not know, or a collector drops, shows.
  @Test func aCollectorIsHeard() async throws {
    let report = try #require(try SampleReports.all().first)
    #expect(try await TraceExporter(webhook("partial")).export(report) == 1)
    await #expect(throws: Problem.self) {
      try await webhook("v1/traces").post(
        Array(#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00"}]}]}]}"#.utf8),
        type: "application/json")
    }
  }

  @Test func everyNoticeIsACloudEvent() async throws {
    let occasions: [RunNotice.Occasion] = [.started, .approvalNeeded, .objectiveAtRisk, .ended]
    for occasion in occasions {
      try await WebhookNotifier(webhook("events")).notify(
        RunNotice(
          occasion, run: "01M864XNF4FHYZTFFZD68B54BZ", plan: "p", mode: "drill", host: "h",
          at: Timestamp(unixSeconds: 1), detail: ["verdict": "pass"]))
    }
    await #expect(throws: Problem.self) {
      try await webhook("events").post(Array(#"{"specversion":"1.0"}"#.utf8), type: "text/plain")
    }
  }

  /// The parser of Prometheus' own client reads the text.
  @Test func prometheusReadsTheTextfile() throws {
    let script = """
      import sys
      from prometheus_client.parser import text_string_to_metric_families as parse
      for family in parse(open(sys.argv[1]).read()):
          assert family.type == "gauge" and family.documentation, family
          for sample in family.samples:
              print(sample.name, sample.labels["plan"], sample.labels["mode"], sample.value)
      """
    for report in try SampleReports.all() {
      let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      defer { try? FileManager.default.removeItem(at: file) }
      try PrometheusText.text(report, ledger: (size: 9, anchored: 5))
        .write(to: file, atomically: true, encoding: .utf8)
      let process = Process()
      process.executableURL = URL(filePath: try Servers.python())
      process.arguments = ["-c", script, file.path]
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let read = String(
        decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let rows = read.split(separator: "\n").map(String.init)
      let passes = report.figures.verdict == .pass ? "1" : "0"
      #expect(rows.contains("mosaic_dr_last_run_passed rds-prod drill \(passes)"), "\(read)")
      #expect(rows.contains("mosaic_dr_ledger_anchored_entries rds-prod drill 5"))
      let hasRTO = rows.contains { $0.hasPrefix("mosaic_dr_rto_seconds ") }
      #expect(hasRTO == (report.figures.rto.achieved != nil))
    }
  }
}
