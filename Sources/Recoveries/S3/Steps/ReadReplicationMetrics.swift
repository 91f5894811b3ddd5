import AWSClient
import BucketComparison
import Platform
import RunEngine
import RunJournal
import StrictJSON

/// Reads what CloudWatch says of the replication (S3 User Guide, "Using S3 Replication metrics").
///
/// The metrics are published as well as can be, and not at all while nothing is replicated: what is not
/// there means nothing.
struct ReadReplicationMetrics: ObservingStep {
  static let kind = "s3.read-metrics"
  static let phase = StepPhase.verify
  /// How far back it looks, and how finely; seconds.
  static let window: Duration = .seconds(3_600)
  static let period = 60

  struct Output: Codable, Sendable {
    /// By rule and metric; the worst of the window, and the latest.
    let worst: [String: Double]
    let latest: [String: Double]
  }

  let source: S3Side
  let replica: S3Side
  let maximumLag: Duration
  let replicationStep: String

  private static let metrics: [(name: String, statistic: GetMetricStatistics.Statistic)] = [
    ("ReplicationLatency", .maximum), ("OperationsPendingReplication", .maximum),
    ("BytesPendingReplication", .maximum), ("OperationsFailedReplication", .sum),
  ]

  var summary: String { "read the replication metrics of \(source.bucket)" }
  var calls: [PlannedCall] {
    Self.metrics.map { metric, statistic in
      source.aws.plan(request(metric, statistic, rule: "<rule>", until: nil))
    }
  }

  func observe(_ context: StepContext) async throws -> Observation<Output> {
    let rules = try context.output(of: replicationStep, as: CheckReplication.Output.self).rules
      .rules
    // The period that still runs counts too: CloudWatch leaves out what lies at the end or after it.
    let end =
      context.time.now().wall + source.aws.client.clockOffset + .seconds(Self.period)
    do {
      let output = try await read(rules.filter(\.hasMetrics).map(\.id), until: end, context)
      context.keep("metrics", .object(Self.shown(output.latest)))
      return .ready(output)
    } catch let error as AWSError where !error.isTransient {
      // As what IAM says of the role: the comparison shows the state of things without it.
      context.note(
        Finding(
          .note,
          "The replication metrics of \(source.bucket) are unknown: CloudWatch was not read, \(error.reason)."
        ))
      return .ready(Output(worst: [:], latest: [:]))
    }
  }

  private func read(
    _ rules: [String], until end: Timestamp, _ context: StepContext
  ) async throws -> Output {
    var worst: [String: Double] = [:]
    var latest: [String: Double] = [:]
    for rule in rules {
      for (metric, statistic) in Self.metrics {
        let points = try await source.aws.send(
          request(metric, statistic, rule: rule, until: end), context)
        guard let last = points.last, let most = points.map(\.value).max() else { continue }
        worst["\(rule)/\(metric)"] = most
        latest["\(rule)/\(metric)"] = last.value
        note(metric, rule, worst: most, latest: last, context)
      }
    }
    return Output(worst: worst, latest: latest)
  }

  private func note(
    _ metric: String, _ rule: String, worst: Double, latest: MetricDatapoint,
    _ context: StepContext
  ) {
    let allowed = Double(maximumLag.wholeMilliseconds) / 1_000
    if metric == "ReplicationLatency", latest.value > allowed {
      context.note(
        Finding(
          .warning,
          "Rule '\(rule)' was \(Int(latest.value)) s behind at \(latest.at.formatted(fractionDigits: 0)), "
            + "and the plan allows \(maximumLag.readable)."))
    }
    if metric == "OperationsFailedReplication", worst > 0 {
      context.note(
        Finding(
          .warning,
          "Rule '\(rule)' failed to replicate within the last hour, at most \(Int(worst)) times a "
            + "minute; S3 does not try these again."))
    }
  }

  private func request(
    _ metric: String, _ statistic: GetMetricStatistics.Statistic, rule: String,
    until end: Timestamp?
  ) -> GetMetricStatistics {
    GetMetricStatistics(
      namespace: "AWS/S3", metric: metric,
      dimensions: [
        ("SourceBucket", source.bucket), ("DestinationBucket", replica.bucket), ("RuleId", rule),
      ],
      window: Self.window, end: end, period: Self.period, statistic: statistic)
  }

  private static func shown(_ values: [String: Double]) -> JSONObject {
    var object = JSONObject()
    for (name, value) in values { object[name] = .string("\(value)") }
    return object
  }
}
