import Cryptography
import Measurement
import Platform
import RunJournal
public import StrictJSON

/// Identifiers of OpenTelemetry that come out the same each time a run is sent.
enum TraceIdentifiers {
  static func trace(_ run: String) -> String {
    String(SHA256.digest(of: Array("trace \(run)".utf8)).hex.prefix(32))
  }

  static func span(_ run: String, _ step: String) -> String {
    String(SHA256.digest(of: Array("span \(run) \(step)".utf8)).hex.prefix(16))
  }
}

/// A run as an OpenTelemetry trace in OTLP/JSON: a span for the run, one for each step, links to what
/// a step waited for.
public enum TraceDocument {
  /// How many spans go into one request.
  static let maximumSpans = 1_000

  /// The bodies of the requests, each an `ExportTraceServiceRequest`.
  public static func requests(_ report: RunReport) -> [JSONValue] {
    let all = spans(report)
    return stride(from: 0, to: all.count, by: maximumSpans).map { start in
      let part = Array(all[start..<min(start + maximumSpans, all.count)])
      return [
        "resourceSpans": [
          [
            "resource": [
              "attributes": .array([
                attribute("service.name", "mosaic-dr"),
                attribute("service.version", report.creation.version),
                attribute("host.name", report.creation.operatorIdentity.host),
              ])
            ],
            "scopeSpans": [["scope": ["name": "mosaic-dr"], "spans": .array(part)]],
          ]
        ]
      ]
    }
  }

  private static func spans(_ report: RunReport) -> [JSONValue] {
    let run = report.run
    let passes = report.figures.verdict == .pass || report.figures.verdict == .passWithExceptions
    let root: JSONValue = [
      "traceId": .string(TraceIdentifiers.trace(run)),
      "spanId": .string(TraceIdentifiers.span(run, "")),
      "name": .string("\(report.creation.mode.rawValue) \(report.creation.plan)"), "kind": 1,
      "startTimeUnixNano": nanoseconds(report.account.began),
      "endTimeUnixNano": nanoseconds(report.account.ended),
      "attributes": .array([
        attribute("dr.run", run), attribute("dr.verdict", report.figures.verdict.rawValue),
      ]),
      "status": ["code": passes ? 1 : 2],
    ]
    // A step that did not run has no span that a link could lead to.
    let ran = Set(report.account.steps.filter { $0.began != nil }.map(\.id))
    return [root]
      + report.account.steps.compactMap { step in
        guard let began = step.began else { return nil }
        return [
          "traceId": .string(TraceIdentifiers.trace(run)),
          "spanId": .string(TraceIdentifiers.span(run, step.id)),
          "parentSpanId": .string(TraceIdentifiers.span(run, "")), "name": .string(step.id),
          "kind": 1, "startTimeUnixNano": nanoseconds(began),
          "endTimeUnixNano": nanoseconds(step.ended ?? report.account.ended),
          "attributes": .array([
            attribute("dr.kind", step.kind), attribute("dr.phase", step.phase.rawValue),
            attribute("dr.status", step.status),
            attribute("dr.attempts", String(step.attempts.count)),
          ]),
          "links": .array(
            step.dependsOn.filter(ran.contains).map {
              [
                "traceId": .string(TraceIdentifiers.trace(run)),
                "spanId": .string(TraceIdentifiers.span(run, $0)),
              ]
            }),
          "status": ["code": step.status == "succeeded" ? 1 : 2],
        ]
      }
  }

  /// OTLP/JSON writes 64-bit numbers as text.
  private static func nanoseconds(_ moment: Timestamp) -> JSONValue {
    .string(String(moment.nanoseconds))
  }

  private static func attribute(_ key: String, _ value: String) -> JSONValue {
    ["key": .string(key), "value": ["stringValue": .string(value)]]
  }
}
