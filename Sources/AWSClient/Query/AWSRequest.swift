/// What a request does to the world.
public enum RequestEffect: String, Sendable, Codable {
  /// Nothing: it may be sent again at will.
  case reads
  /// Makes a resource.
  case creates
  /// Changes a resource that is there.
  case changes
  /// Removes a resource.
  case deletes
}

/// A typed request of a Query-protocol service. The wire form, the AWS CLI command, the IAM action
/// and the request's digest are all derived from it.
public protocol AWSRequest: Sendable {
  /// The typed answer.
  associatedtype Answer: Sendable
  /// The service that understands it.
  static var service: AWSService { get }
  /// The action's name in the API and in IAM policies.
  static var action: String { get }
  /// What it does to the world.
  static var effect: RequestEffect { get }
  /// The parameters, in the API's names.
  var parameters: QueryParameters { get }
  /// Reads the answer from the `<Action>Result` element.
  ///
  /// - Throws: `Problem` when a field that the API promises is missing.
  static func answer(from result: XMLElement) throws -> Answer
}
