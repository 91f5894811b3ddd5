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
  private let from: Timestamp
  private let to: Timestamp
  private let period: Int
  private let statistic: Statistic

  /// Creates the request.
  ///
  /// - Parameter period: in seconds, a multiple of 60.
  public init(
    namespace: String, metric: String, dimensions: [(name: String, value: String)],
    from: Timestamp, to: Timestamp, period: Int, statistic: Statistic
  ) {
    self.namespace = namespace
    self.metric = metric
    self.dimensions = dimensions
    self.from = from
    self.to = to
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
    parameters.set("StartTime", from.formatted(fractionDigits: 0))
    parameters.set("EndTime", to.formatted(fractionDigits: 0))
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
      CommandOption("StartTime", .text(from.formatted(fractionDigits: 0))),
      CommandOption("EndTime", .text(to.formatted(fractionDigits: 0))),
      CommandOption("Period", .text(String(period))),
      CommandOption("Statistics", .words([statistic.rawValue])),
    ]
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
