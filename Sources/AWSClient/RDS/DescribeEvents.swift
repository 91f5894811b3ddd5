public import Platform

/// An event of an instance: RDS's own words about what happened to it.
public struct DBEvent: Sendable, Equatable {
  /// When it happened.
  public let at: Timestamp?
  /// What happened.
  public let message: String
}

/// `rds:DescribeEvents` of one instance.
public struct DescribeEvents: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeEvents"
  public static let effect = RequestEffect.reads

  private let instance: String
  private let minutes: Int

  /// Asks for the events of the last `minutes`; RDS keeps them for 14 days.
  public init(instance: String, minutes: Int) {
    self.instance = instance
    self.minutes = minutes
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("SourceIdentifier", instance)
    parameters.set("SourceType", "db-instance")
    parameters.set("Duration", minutes)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [DBEvent] {
    result.list("Events").map {
      DBEvent(at: $0.moment("Date"), message: $0.string("Message") ?? "")
    }
  }
}
