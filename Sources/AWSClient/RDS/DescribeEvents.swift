public import Platform

/// An event of an instance: RDS's own words about what happened to it.
public struct DBEvent: Sendable, Equatable {
  /// When it happened.
  public let at: Timestamp?
  /// What happened.
  public let message: String
}

/// `rds:DescribeEvents` of one instance, snapshot or cluster.
public struct DescribeEvents: QueryRequest {
  public static let service = AWSService.rds
  public static let action = "DescribeEvents"
  public static let effect = RequestEffect.reads

  /// What the events are of.
  public enum Source: String, Sendable {
    case instance = "db-instance"
    case snapshot = "db-snapshot"
    case cluster = "db-cluster"
  }

  private let identifier: String
  private let source: Source
  private let minutes: Int

  /// Asks for the events of the last `minutes`; RDS keeps them for 14 days.
  public init(_ source: Source = .instance, _ identifier: String, minutes: Int) {
    self.identifier = identifier
    self.source = source
    self.minutes = minutes
  }

  public var parameters: QueryParameters {
    var parameters = QueryParameters()
    parameters.set("SourceIdentifier", identifier)
    parameters.set("SourceType", source.rawValue)
    parameters.set("Duration", minutes)
    return parameters
  }

  public static func answer(from result: XMLElement) throws -> [DBEvent] {
    result.list("Events").map {
      DBEvent(at: $0.moment("Date"), message: $0.string("Message") ?? "")
    }
  }
}
