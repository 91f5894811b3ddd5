public import Platform

/// A value of a metric over a period.
public struct MetricDatapoint: Sendable, Equatable {
  /// When the period began.
  public let at: Timestamp
  /// The value.
  public let value: Double
}

/// `cloudwatch:GetMetricStatistics`: the values of one metric; none when nothing was published.
public struct GetMetricStatistics: QueryRequest {
  public static let service = AWSService.cloudWatch
  public static let action = "GetMetricStatistics"
  public static let effect = RequestEffect.reads

  /// How the values within a period are put together.
  public enum Statistic: String, Sendable {
    case maximum = "Maximum"
    case sum = "Sum"
  }

  private let namespace: String
  private let metric: String
  private let dimensions: [(name: String, value: String)]
  private let window: Duration
  private let end: Timestamp?
  private let period: Int
  private let statistic: Statistic

  /// Creates the request.
  ///
  /// - Parameters:
  ///   - window: how far back it looks.
  ///   - end: where it ends; nil for a command that a person sends later.
  ///   - period: in seconds, a multiple of 60.
  public init(
    namespace: String, metric: String, dimensions: [(name: String, value: String)],
    window: Duration, end: Timestamp?, period: Int, statistic: Statistic
  ) {
    self.namespace = namespace
    self.metric = metric
    self.dimensions = dimensions
    self.window = window
    self.end = end
    self.period = period
    self.statistic = statistic
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("Namespace", namespace)
    parameters.set("MetricName", metric)
    for (index, dimension) in dimensions.enumerated() {
      parameters.set("Dimensions.member.\(index + 1).Name", dimension.name)
      parameters.set("Dimensions.member.\(index + 1).Value", dimension.value)
    }
    parameters.set("StartTime", time(before: window))
    parameters.set("EndTime", time(before: .zero))
    parameters.set("Period", period)
    parameters.set("Statistics", [statistic.rawValue], member: "member")
    return parameters
  }

  /// As the AWS CLI takes it, dimensions in its own short form.
  public var commandOptions: [CommandOption] {
    [
      CommandOption("Namespace", .text(namespace)), CommandOption("MetricName", .text(metric)),
      CommandOption(
        "Dimensions", .words(dimensions.map { "Name=\($0.name),Value=\($0.value)" })),
      CommandOption("StartTime", .text(time(before: window))),
      CommandOption("EndTime", .text(time(before: .zero))),
      CommandOption("Period", .text(String(period))),
      CommandOption("Statistics", .words([statistic.rawValue])),
    ]
  }

  private func time(before end: Duration) -> String {
    guard let moment = self.end else {
      return "<$(date -u -d '-\(end.wholeMilliseconds / 1_000) seconds' +%FT%TZ)>"
    }
    return (moment - end).formatted(fractionDigits: 0)
  }

  /// The values, oldest first.
  public static func answer(from result: XMLElement) throws -> [MetricDatapoint] {
    result.list("Datapoints").compactMap { point in
      guard let at = point.moment("Timestamp"),
        let value = (point.string("Maximum") ?? point.string("Sum")).flatMap({ Double($0) })
      else { return nil }
      return MetricDatapoint(at: at, value: value)
    }.sorted { $0.at < $1.at }
  }
}
